package uitest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// counter is the post as the fake knows it. Station.mu guards it.
type counter struct {
	deposits []station.DepositView // newest first
	pieces   map[string][]station.Piece
	out      map[postal.AttemptCode]station.ReturnReason
	numbers  map[postal.AttemptCode]postal.TrackingNumber
	slips    []string // printed
	kept     []station.ByHand
	reading  func(number string, c station.Capture) (station.Reading, error)
}

func (s *Station) post() *counter {
	if s.counter == nil {
		s.counter = &counter{
			pieces: make(map[string][]station.Piece), out: make(map[postal.AttemptCode]station.ReturnReason),
			numbers: make(map[postal.AttemptCode]postal.TrackingNumber),
		}
	}
	return s.counter
}

// Reads gives what is read off every picture from now on.
func (s *Station) Reads(read func(number string, c station.Capture) (station.Reading, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.post().reading = read
}

// Slips returns the deposits whose slips were printed.
func (s *Station) Slips() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.post().slips)
}

// KeptByHand returns what was added by hand to each receipt that was kept.
func (s *Station) KeptByHand() []station.ByHand {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.post().kept)
}

// Deposits lists the closed deposits.
func (s *Station) Deposits(ctx context.Context) ([]station.DepositView, error) {
	if err := s.wait(ctx, "deposits"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.post().deposits), nil
}

// Pieces lists what is in a deposit.
func (s *Station) Pieces(ctx context.Context, number string) ([]station.Piece, error) {
	if err := s.wait(ctx, "pieces"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.post().pieces[number]), nil
}

// DepositOf returns the deposit of a piece.
func (s *Station) DepositOf(ctx context.Context, attempt postal.AttemptCode) (string, error) {
	if err := s.wait(ctx, "deposits"); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for number, pieces := range s.post().pieces {
		if slices.ContainsFunc(pieces, func(p station.Piece) bool { return p.Attempt == attempt }) {
			return number, nil
		}
	}
	return "", &station.Fault{Code: station.CodeUnknown}
}

// Returned tells why pieces are out.
func (s *Station) Returned(context.Context) (map[postal.AttemptCode]station.ReturnReason, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make(map[postal.AttemptCode]station.ReturnReason)
	for a, r := range s.post().out {
		out[a] = r
	}
	return out, nil
}

// pieceAt returns the index of the letter with an attempt. Callers hold mu.
func (s *Station) pieceAt(attempt postal.AttemptCode) int {
	return slices.IndexFunc(s.snap.Jobs, func(j station.Job) bool { return j.Attempt == attempt && attempt != "" })
}

// DepositPieces closes a deposit of pieces that are enveloped and not out.
func (s *Station) DepositPieces(ctx context.Context, attempts []postal.AttemptCode) (station.Deposit, error) {
	if err := s.wait(ctx, "deposit"); err != nil {
		return station.Deposit{}, err
	}
	s.mu.Lock()
	post := s.post()
	d := station.Deposit{Number: fmt.Sprintf("D261122-%06d", len(post.deposits)+1), Closed: time.Now(), Attempts: attempts}
	var pieces []station.Piece
	for _, a := range attempts {
		i := s.pieceAt(a)
		if i < 0 || s.snap.Jobs[i].State != store.Enveloped || s.snap.Jobs[i].Hold != "" {
			s.mu.Unlock()
			return station.Deposit{}, &station.Fault{Code: station.CodeState, Err: fmt.Errorf("piece %s", a)}
		}
		j := s.snap.Jobs[i]
		pieces = append(pieces, station.Piece{Attempt: a, Job: j.ID, Product: j.Product, Sheets: j.Sheets,
			Registered: j.Product == postal.Registered, Numbered: j.Numbered})
	}
	post.pieces[d.Number] = pieces
	post.deposits = slices.Insert(post.deposits, 0, station.DepositView{Number: d.Number, Closed: d.Closed})
	s.count(d.Number)
	s.mu.Unlock()
	s.settle(attempts, store.Dropped, "")
	return d, nil
}

// count brings a deposit's line up to date. Callers hold mu.
func (s *Station) count(number string) {
	post := s.post()
	i := slices.IndexFunc(post.deposits, func(d station.DepositView) bool { return d.Number == number })
	d := &post.deposits[i]
	d.Pieces, d.Registered, d.Proven = len(post.pieces[number]), 0, 0
	for _, p := range post.pieces[number] {
		if p.Registered {
			d.Registered++
		}
		if p.Proven {
			d.Proven++
		}
	}
}

// settle moves letters and tells the watchers.
func (s *Station) settle(attempts []postal.AttemptCode, to store.State, hold station.FaultCode) {
	s.Change(func(c *station.Snapshot) {
		c.Ledger++
		c.Jobs = slices.Clone(c.Jobs)
		for i := range c.Jobs {
			if slices.Contains(attempts, c.Jobs[i].Attempt) {
				c.Jobs[i].State, c.Jobs[i].Hold = to, hold
			}
		}
	})
}

// TakeBack takes a piece out of the deposit being made or a closed one.
func (s *Station) TakeBack(ctx context.Context, attempt postal.AttemptCode, reason station.ReturnReason) error {
	if err := s.wait(ctx, "takeback"); err != nil {
		return err
	}
	s.mu.Lock()
	post := s.post()
	post.out[attempt] = reason
	for number, pieces := range post.pieces {
		post.pieces[number] = slices.DeleteFunc(pieces, func(p station.Piece) bool { return p.Attempt == attempt })
		s.count(number)
	}
	s.mu.Unlock()
	s.settle([]postal.AttemptCode{attempt}, store.Enveloped, station.TakenOut)
	return nil
}

// PutBack undoes it.
func (s *Station) PutBack(ctx context.Context, attempt postal.AttemptCode) error {
	if err := s.wait(ctx, "putback"); err != nil {
		return err
	}
	s.settle([]postal.AttemptCode{attempt}, store.Enveloped, "")
	return nil
}

// Slip is no PDF, but is the deposit's own.
func (s *Station) Slip(ctx context.Context, number string) ([]byte, error) {
	return []byte("slip of " + number), s.wait(ctx, "slip")
}

// PrintSlip prints a slip.
func (s *Station) PrintSlip(ctx context.Context, number string) error {
	if err := s.wait(ctx, "printslip"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.post().slips = append(s.post().slips, number)
	return nil
}

// Scan envelopes a letter that is on paper; central accepts it at once.
func (s *Station) Scan(ctx context.Context, text string) (station.Job, error) {
	if err := s.wait(ctx, "scan"); err != nil {
		return station.Job{}, err
	}
	attempt := postal.AttemptCode(text)
	if sheet, err := postal.ParseSheetCode(text); err == nil {
		attempt = sheet.Attempt
	}
	s.mu.Lock()
	i := s.pieceAt(attempt)
	if i < 0 || !scannable(s.snap.Jobs[i]) {
		s.mu.Unlock()
		return station.Job{}, &station.Fault{Code: station.CodeState}
	}
	job := s.snap.Jobs[i]
	s.mu.Unlock()
	s.settle([]postal.AttemptCode{attempt}, store.Enveloped, "")
	return job, nil
}

// BindNumber gives a letter the number of a label, once.
func (s *Station) BindNumber(ctx context.Context, letter, label string) (station.Job, error) {
	if err := s.wait(ctx, "bind"); err != nil {
		return station.Job{}, err
	}
	n, err := postal.ParseNumber(label)
	if err != nil {
		return station.Job{}, &station.Fault{Code: station.NumberInvalid, Err: err}
	}
	attempt := postal.AttemptCode(letter)
	s.mu.Lock()
	for other, used := range s.post().numbers {
		if used == n.Text && other != attempt {
			s.mu.Unlock()
			return station.Job{}, &station.Fault{Code: station.NumberUsed}
		}
	}
	s.post().numbers[attempt] = n.Text
	s.mu.Unlock()
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		for i := range c.Jobs {
			if c.Jobs[i].Attempt == attempt {
				c.Jobs[i].Numbered = true
			}
		}
	})
	return station.Job{}, nil
}

// ReadReceipt reads what Reads gave, or by itself that every second letter is on
// the picture.
func (s *Station) ReadReceipt(ctx context.Context, number string, c station.Capture) (station.Reading, error) {
	if err := s.wait(ctx, "read"); err != nil {
		return station.Reading{}, err
	}
	s.mu.Lock()
	read := s.post().reading
	pieces := slices.Clone(s.post().pieces[number])
	s.mu.Unlock()
	if read != nil {
		return read(number, c)
	}
	return drawReceipt(number, pieces), nil
}

// CheckCorrections refuses what is no registered number.
func (s *Station) CheckCorrections(_ context.Context, _ string, typed []station.Correction) error {
	for _, c := range typed {
		if _, err := postal.ParseNumber(c.Number); err != nil {
			return &station.CorrectionError{Attempt: c.Attempt, Err: &station.Fault{Code: station.NumberCheck, Err: err}}
		}
	}
	return nil
}

// KeepReceipt keeps what was read and typed.
func (s *Station) KeepReceipt(ctx context.Context, number string, c station.Capture, hand station.ByHand) (station.Receipt, error) {
	if err := s.wait(ctx, "keep"); err != nil {
		return station.Receipt{}, err
	}
	if err := s.CheckCorrections(ctx, number, hand.Numbers); err != nil {
		return station.Receipt{}, err
	}
	reading, err := s.ReadReceipt(ctx, number, c)
	if err != nil {
		return station.Receipt{}, err
	}
	if reading.Fault != nil && len(hand.Numbers) == 0 && !hand.Vouched {
		return station.Receipt{}, reading.Fault
	}
	s.mu.Lock()
	post := s.post()
	post.kept = append(post.kept, hand)
	for i, p := range post.pieces[number] {
		shown := slices.ContainsFunc(reading.Letters, func(l station.ProofLetter) bool { return l.Attempt == p.Attempt && l.Found })
		typed := slices.ContainsFunc(hand.Numbers, func(c station.Correction) bool { return c.Attempt == p.Attempt })
		post.pieces[number][i].Proven = p.Proven || shown || typed
	}
	for i := range post.deposits {
		if post.deposits[i].Number == number {
			post.deposits[i].Receipts++
		}
	}
	s.count(number)
	s.mu.Unlock()
	s.Change(func(c *station.Snapshot) { c.Ledger++ })
	return station.Receipt{ID: "receipt"}, nil
}
