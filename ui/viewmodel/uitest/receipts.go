package uitest

import (
	"context"
	"image"
	"image/color"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Dropped is a day at the counter: letters of all products in their envelopes,
// one taken out, one without a label, some that wait for central, and deposits
// of which two have no complete proof. The numbers are those of the registered
// letters of the newest deposit.
func (s *Station) Dropped(now time.Time, numbers []postal.TrackingNumber) {
	s.mu.Lock()
	post := s.post()
	jobs := Jobs(64, now)
	for i := range jobs {
		j := &jobs[i]
		j.State, j.Attempt, j.Scanned = store.Enveloped, j.Code, true
		j.Numbered = j.Product == postal.Registered && i%15 != 0
		switch {
		case i >= 60:
			j.State = store.Confirmed
		case i == 7:
			j.Hold = station.TakenOut
			post.out[j.Attempt] = station.ReturnFranking
		}
	}
	older := []struct {
		number   string
		from, to int
		ago      time.Duration
		receipts int
	}{{"D261122-7QK2M9", 22, 60, 3*time.Hour + 12*time.Minute, 0}, {"D261121-04RTBX", 0, 0, 26 * time.Hour, 1}, {"D261120-P8W1ZD", 0, 0, 50 * time.Hour, 1}}
	for k, o := range older {
		d := station.DepositView{Number: o.number, Closed: now.Add(-o.ago), Receipts: o.receipts, Acknowledged: true}
		var pieces []station.Piece
		for i, j := range Jobs(60+20*k, now)[o.from:max(o.to, o.from+18*min(k, 1))] {
			p := station.Piece{Attempt: j.Code, Job: j.ID, Product: j.Product, Sheets: j.Sheets, Registered: j.Product == postal.Registered, Numbered: true}
			if k > 0 {
				p.Proven = p.Registered && (k == 2 || i > 0)
			}
			pieces = append(pieces, p)
		}
		post.deposits = append(post.deposits, d)
		post.pieces[o.number] = pieces
		s.count(o.number)
	}
	for i := range jobs {
		if i >= 22 && i < 60 {
			jobs[i].State = store.Dropped
			if jobs[i].Product == postal.Registered && len(numbers) > 0 {
				post.numbers[jobs[i].Attempt], numbers = numbers[0], numbers[1:]
			}
		}
	}
	s.mu.Unlock()
	s.Change(func(c *station.Snapshot) {
		c.Jobs = jobs
		c.Ledger++
	})
}

// ReadsPictures makes the station read real pictures: codes are decoded, and
// matched to the numbers of a deposit's letters.
func (s *Station) ReadsPictures(ctx context.Context) {
	s.Reads(func(number string, c station.Capture) (station.Reading, error) {
		picture, err := receipt.Decode(c.File)
		if err != nil {
			return station.Reading{}, &station.Fault{Code: station.ReceiptUnreadable, Err: err}
		}
		codes, err := receipt.Read(ctx, picture)
		if err != nil {
			return station.Reading{}, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.matched(number, picture, codes), nil
	})
}

// matched is what the codes are to a deposit. Callers hold mu.
func (s *Station) matched(number string, picture image.Image, codes []receipt.Code) station.Reading {
	post := s.post()
	r := station.Reading{Picture: picture, Fault: &station.Fault{Code: station.ReceiptOther}}
	for _, p := range post.pieces[number] {
		if p.Registered {
			r.Letters = append(r.Letters, station.ProofLetter{Attempt: p.Attempt, Number: post.numbers[p.Attempt], Proven: p.Proven})
		}
	}
	for _, c := range codes {
		found := station.ReceiptCode{Code: c, Finding: station.FindingOther}
		n, err := postal.ParseNumber(c.Text)
		i := slices.IndexFunc(r.Letters, func(l station.ProofLetter) bool { return err == nil && l.Number == n.Text })
		switch {
		case c.Text == number:
			found.Finding, r.Fault = station.FindingSlip, nil
		case i >= 0:
			r.Letters[i].Found = true
			found.Finding, found.Attempt, r.Fault = station.FindingMatched, r.Letters[i].Attempt, nil
		case err == nil:
			found.Finding = station.FindingForeign
		case len(c.Text) == 24:
			found.Finding = station.FindingParcel
		case len(c.Text) == 13:
			found.Finding = station.FindingCheck
		}
		r.Codes = append(r.Codes, found)
	}
	slices.SortStableFunc(r.Letters, func(a, b station.ProofLetter) int {
		rank := map[bool]int{true: 1}
		return rank[a.Found || a.Proven] - rank[b.Found || b.Proven]
	})
	return r
}

// drawReceipt is a white sheet with a box for each code.
func drawReceipt(number string, pieces []station.Piece) station.Reading {
	m := image.NewGray(image.Rect(0, 0, 620, 877))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	r := station.Reading{Picture: m}
	code := func(text string, finding station.Finding, attempt postal.AttemptCode) {
		at := image.Rect(60, 70+60*len(r.Codes), 300, 100+60*len(r.Codes))
		for x := at.Min.X; x < at.Max.X; x++ {
			if x/3%2 == 0 || x%7 == 0 {
				for y := at.Min.Y; y < at.Max.Y; y++ {
					m.SetGray(x, y, color.Gray{Y: 0x20})
				}
			}
		}
		r.Codes = append(r.Codes, station.ReceiptCode{Finding: finding, Attempt: attempt, Code: receipt.Code{
			Symbology: receipt.Code128, Text: text,
			Corners: [4]image.Point{at.Min, {X: at.Max.X, Y: at.Min.Y}, at.Max, {X: at.Min.X, Y: at.Max.Y}},
		}})
	}
	code(number, station.FindingSlip, "")
	for i, p := range pieces {
		if !p.Registered {
			continue
		}
		l := station.ProofLetter{Attempt: p.Attempt, Number: "RA473124829BE", Found: i%2 == 0, Proven: p.Proven}
		if l.Found {
			code("RA473124829BE", station.FindingMatched, p.Attempt)
		}
		r.Letters = append(r.Letters, l)
	}
	code("RB123456785GB", station.FindingForeign, "")
	return r
}
