package station

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"slices"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// mailed is a piece of a closed deposit with what is known of its proof.
type mailed struct {
	attempt postal.AttemptCode
	job     store.Job
	number  postal.TrackingNumber // "" while it has none
	proven  bool
}

// registered tells whether the receipt must show a number of it.
func (m mailed) registered() bool {
	return m.number != "" || postal.Product(m.job.Product).NeedsNumber()
}

func (s *Station) mailed(ctx context.Context, storeKey *keys.StoreKey, d store.Deposit) ([]mailed, error) {
	proven, err := s.cfg.Store.Proven(ctx, d.ID)
	if err != nil {
		return nil, fault(err)
	}
	all := make([]mailed, 0, len(d.Attempts))
	for _, code := range d.Attempts {
		a, err := s.cfg.Store.Attempt(ctx, code)
		if err != nil {
			return nil, fault(err)
		}
		j, err := s.cfg.Store.Job(ctx, a.Job)
		if err != nil {
			return nil, fault(err)
		}
		m := mailed{attempt: postal.AttemptCode(code), job: j, proven: slices.Contains(proven, code)}
		if m.number, err = tracking(storeKey, j); err != nil {
			return nil, fault(err)
		}
		all = append(all, m)
	}
	return all, nil
}

// ProofLetter is a registered letter of a deposit, as its receipts prove it.
type ProofLetter struct {
	Attempt postal.AttemptCode
	Number  postal.TrackingNumber // "" for one that has none yet
	Found   bool                  // on this picture
	Proven  bool                  // by a receipt that was kept before
}

// Reading is what stands on the picture of a receipt; nothing of it is kept.
type Reading struct {
	Picture image.Image
	Codes   []ReceiptCode
	Letters []ProofLetter // of the deposit, those without a proof first
	Other   string        // the deposit whose slip is on the picture, when it is not this one
	Fault   *Fault        // why the picture alone proves nothing, nil when it does
}

// Missing counts the letters whose number no receipt shows, this one included.
func (r Reading) Missing() int {
	n := 0
	for _, l := range r.Letters {
		if !l.Found && !l.Proven {
			n++
		}
	}
	return n
}

// opened is a capture with its deposit, before anything is decided.
type opened struct {
	key     *keys.StoreKey
	deposit store.Deposit
	letters []mailed // registered ones
	file    []byte   // what would be kept
	picture image.Image
	receipt Receipt
}

// open reads a capture and matches its codes with the letters of a deposit.
func (s *Station) openReceipt(ctx context.Context, number string, c Capture) (o opened, err error) {
	if _, o.key, err = s.unlocked(); err != nil {
		return o, err
	}
	if o.deposit, err = s.cfg.Store.DepositByNumber(ctx, number); err != nil {
		return o, fault(err)
	}
	if o.picture, o.file, err = c.develop(); err != nil {
		return o, &Fault{Code: ReceiptUnreadable, Err: err}
	}
	codes, err := receipt.Read(ctx, o.picture)
	if ctx.Err() != nil {
		return o, fault(err)
	}
	if err != nil {
		return o, &Fault{Code: ReceiptUnreadable, Err: err}
	}
	all, err := s.mailed(ctx, o.key, o.deposit)
	if err != nil {
		return o, err
	}
	expected := map[postal.TrackingNumber]postal.AttemptCode{}
	for _, m := range all {
		if m.registered() {
			o.letters = append(o.letters, m)
		}
		if m.number != "" {
			expected[m.number] = m.attempt
		}
	}
	o.receipt = match(o.deposit.Number, expected, codes)
	return o, nil
}

// found lists the letters whose numbers were read.
func (r Receipt) found() map[postal.AttemptCode]bool {
	found := map[postal.AttemptCode]bool{}
	for _, c := range r.Codes {
		if c.Finding == FindingMatched {
			found[c.Attempt] = true
		}
	}
	return found
}

// ReadReceipt reads the receipt of a deposit off a picture and matches its codes
// to the letters; it keeps nothing. A file that is no picture is a fault; a
// picture that proves nothing is a reading with one.
func (s *Station) ReadReceipt(ctx context.Context, number string, c Capture) (Reading, error) {
	if err := s.read(ctx, number, c); err != nil {
		return Reading{}, err
	}
	o, err := s.openReceipt(ctx, number, c)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Picture: o.picture, Codes: o.receipt.Codes}
	found := o.receipt.found()
	for _, m := range o.letters {
		r.Letters = append(r.Letters, ProofLetter{Attempt: m.attempt, Number: m.number, Found: found[m.attempt], Proven: m.proven})
	}
	slices.SortStableFunc(r.Letters, func(a, b ProofLetter) int { return a.rank() - b.rank() })
	for _, c := range r.Codes {
		if _, err := s.cfg.Store.DepositByNumber(ctx, c.Text); c.Finding == FindingOther && err == nil {
			r.Other = c.Text
		}
	}
	errors.As(o.receipt.verdict(), &r.Fault)
	return r, nil
}

// reading is a picture that a person had read for a deposit.
type reading struct {
	shift   *keys.StoreKey // each unlock brings its own
	deposit string
	picture string // the file's digest
}

// read journals that the picture of a receipt is shown, before it is. It lies in
// clear outside, so that nothing is opened; turned and cut it is the same picture.
func (s *Station) read(ctx context.Context, number string, c Capture) error {
	_, shift, err := s.unlocked()
	if err != nil {
		return err
	}
	d, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return fault(err)
	}
	now := reading{shift, d.ID, c.digest()}
	s.mu.Lock()
	again := s.lastRead == now
	s.mu.Unlock()
	if again {
		return nil
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionReceipt, Object: d.ID, Reason: "read"}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastRead = now
	return nil
}

func (l ProofLetter) rank() int {
	switch {
	case l.Found:
		return 1
	case l.Proven:
		return 2
	}
	return 0
}

// ByHand is what a person adds to what was read off a picture.
type ByHand struct {
	Numbers []Correction
	Vouched bool // the person says that it is this deposit's receipt, though nothing on it tells
}

// KeepReceipt keeps a receipt: its picture and the numbers on it, those read and
// those typed by hand, sealed. Numbers that are missing stay so until another
// receipt shows them. A receipt that proves nothing is refused, unless a number
// was typed or somebody vouches for it; so is a picture that was kept before.
func (s *Station) KeepReceipt(ctx context.Context, number string, c Capture, hand ByHand) (Receipt, error) {
	o, err := s.openReceipt(ctx, number, c)
	if err != nil {
		return Receipt{}, err
	}
	typed, err := s.corrections(ctx, o, hand.Numbers)
	if err != nil {
		return o.receipt, err
	}
	if err := o.receipt.verdict(); err != nil && len(typed) == 0 && !hand.Vouched {
		return o.receipt, err
	}
	return s.keepReceipt(ctx, o, c, typed, hand.Vouched)
}

// AttachReceipt reads and keeps the receipt of a deposit in one step.
func (s *Station) AttachReceipt(ctx context.Context, number string, file []byte) (Receipt, error) {
	return s.KeepReceipt(ctx, number, Capture{File: file}, ByHand{})
}

func (s *Station) keepReceipt(ctx context.Context, o opened, c Capture, typed []typedNumber, vouched bool) (Receipt, error) {
	r := o.receipt
	numbers := r.numbers()
	for _, t := range typed {
		one := wire.RegisteredNumber{Attempt: string(t.letter.attempt), Number: string(t.number)}
		if !slices.Contains(numbers, one) {
			numbers = append(numbers, one)
		}
		r.Missing = slices.DeleteFunc(r.Missing, func(a postal.AttemptCode) bool { return a == t.letter.attempt })
	}
	if err := s.isNews(ctx, o, c, numbers); err != nil {
		return r, err
	}
	r.ID = uuid.NewString()
	a := journal.Access{Action: journal.ActionReceipt, Object: r.ID}
	switch {
	case len(typed) > 0:
		a.Reason = "by_hand"
	case vouched:
		a.Reason = "vouched"
	}
	if err := s.record(ctx, a); err != nil {
		return r, err
	}
	defer s.tell()
	if err := s.sealReceipt(ctx, o, c, r.ID, numbers, typed); err != nil {
		return r, fault(err)
	}
	return r, s.entered(ctx)
}

// isNews refuses a picture of which a receipt was made before, if it adds no
// number: a file dropped twice is one receipt.
func (s *Station) isNews(ctx context.Context, o opened, c Capture, numbers []wire.RegisteredNumber) error {
	ids, _, err := s.cfg.Store.ReceiptsFrom(ctx, c.digest())
	if err != nil {
		return fault(err)
	}
	same := false
	for _, id := range ids {
		r, err := s.cfg.Store.ReceiptByID(ctx, id)
		if err != nil {
			return fault(err)
		}
		same = same || r.Deposit == o.deposit.ID
	}
	if !same {
		return nil
	}
	for _, m := range o.letters {
		if !m.proven && slices.ContainsFunc(numbers, func(n wire.RegisteredNumber) bool { return n.Attempt == string(m.attempt) }) {
			return nil
		}
	}
	return &Fault{Code: ReceiptKnown, Err: errors.New("a receipt was made of this picture, and it adds nothing")}
}

func (s *Station) sealReceipt(ctx context.Context, o opened, c Capture, id string, numbers []wire.RegisteredNumber, typed []typedNumber) error {
	plain, err := json.Marshal(numbers)
	if err != nil {
		return fmt.Errorf("write the receipt's numbers: %w", err)
	}
	digest := sha256.Sum256(o.file)
	row := store.Receipt{
		ID: id, Deposit: o.deposit.ID, MediaType: string(mediaType(o.file)), SHA256: hex.EncodeToString(digest[:]),
		At: s.cfg.Now(), Source: c.digest(),
	}
	for _, n := range numbers {
		row.Proven = append(row.Proven, n.Attempt)
	}
	if row.Image, err = o.key.SealPicture(id, o.file); err != nil {
		return err
	}
	if row.Numbers, err = o.key.Seal(keys.ReceiptNumbers(id), plain); err != nil {
		return err
	}
	var labels []store.Label
	for _, t := range typed {
		if t.number == t.letter.number {
			continue
		}
		l, err := s.label(o.key, t.letter.job.ID, t.number)
		if err != nil {
			return err
		}
		labels = append(labels, l)
	}
	return s.cfg.Store.AddReceipt(ctx, row, labels, store.Message{ID: id, Kind: store.ReceiptMessage, Body: []byte(id)})
}
