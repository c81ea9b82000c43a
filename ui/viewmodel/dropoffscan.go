package viewmodel

import (
	"context"
	"errors"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Scan takes a code from the hand scanner, and tells whether it is one for this
// screen: a piece's, which envelopes it; a registered letter's label, after its
// letter; a deposit's number, which opens it.
func (d *DropOff) Scan(code string) bool {
	if d.index(code) >= 0 {
		d.Choose(code)
		return true
	}
	if attempt, ok := pieceCode(code); ok {
		i := slices.IndexFunc(d.jobs, func(j station.Job) bool { return j.Attempt == attempt })
		if i >= 0 {
			return d.scanPiece(d.jobs[i], code)
		}
	}
	return IsNumber(code) && d.scanLabel(code)
}

// IsNumber tells whether a code is meant as a registered number or a parcel's,
// right or wrong.
func IsNumber(code string) bool {
	_, err := postal.ParseNumber(code)
	var bad *postal.NumberError
	return !errors.As(err, &bad) || bad.Reason != postal.NotANumber
}

func pieceCode(code string) (postal.AttemptCode, bool) {
	if sheet, err := postal.ParseSheetCode(code); err == nil {
		return sheet.Attempt, true
	}
	attempt, err := postal.ParseAttemptCode(code)
	return attempt, err == nil
}

func (d *DropOff) scanPiece(j station.Job, code string) bool {
	switch {
	case d.Acting:
		return true // one thing after the other
	case j.State == store.Enveloped, j.State == store.Confirmed && j.Scanned:
		d.Choose("")
		d.Selected, d.Fault = j.Attempt, nil
		d.Said = Said{Word: SaidHere, Code: j.Attempt}
		if j.State == store.Confirmed {
			d.Said.Word = SaidWaits
		}
		d.askLabel(j)
		d.Changed()
		return true
	case j.State != store.DeviceDone && j.State != store.Uncertain && j.State != store.Confirmed:
		return false
	}
	d.Choose("")
	d.Acting, d.Label = true, ""
	d.act(func(ctx context.Context) (err error) {
		j, err = d.station.Scan(ctx, code)
		return err
	}, func(err error) {
		d.Acting = false
		if err != nil || !d.here {
			return
		}
		d.Selected = j.Attempt
		d.Said = Said{Word: SaidEnveloped, Code: j.Attempt}
		d.askLabel(j)
	})
	return true
}

// askLabel asks for the label of a registered letter that has no number.
func (d *DropOff) askLabel(j station.Job) {
	d.Label = ""
	if j.Product == postal.Registered && !j.Numbered {
		d.Label = j.Attempt
		d.Said = Said{Word: SaidLabel, Code: j.Attempt}
	}
}

// scanLabel binds a label to the letter that was scanned before it. While a
// closed deposit is looked at, numbers are those of its receipt.
func (d *DropOff) scanLabel(label string) bool {
	if d.Chosen != "" || d.Acting {
		return d.Acting
	}
	letter := d.Label
	if letter == "" {
		d.Said, d.Fault = Said{Word: SaidLetter}, nil
		d.Changed()
		return true
	}
	d.Acting = true
	d.act(func(ctx context.Context) error {
		_, err := d.station.BindNumber(ctx, string(letter), label)
		return err
	}, func(err error) {
		d.Acting = false
		if err == nil && d.here {
			d.Label = ""
			d.Said = Said{Word: SaidBound, Code: letter}
		}
	})
	return true
}
