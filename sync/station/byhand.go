package station

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// Correction is a registered number that a person typed for a letter, because
// the picture does not show it well enough.
type Correction struct {
	Attempt postal.AttemptCode
	Number  string
}

// CorrectionError says which letter's number was refused. It wraps the *Fault.
type CorrectionError struct {
	Attempt postal.AttemptCode
	Err     error
}

func (e *CorrectionError) Error() string { return fmt.Sprintf("number of %s: %v", e.Attempt, e.Err) }

func (e *CorrectionError) Unwrap() error { return e.Err }

// typedNumber is a correction that holds.
type typedNumber struct {
	letter mailed
	number postal.TrackingNumber
}

// CheckCorrections tells whether numbers typed by hand can be those of letters of
// a deposit; the error is a *CorrectionError. It keeps nothing.
func (s *Station) CheckCorrections(ctx context.Context, number string, typed []Correction) error {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return err
	}
	d, err := s.cfg.Store.DepositByNumber(ctx, number)
	if err != nil {
		return fault(err)
	}
	all, err := s.mailed(ctx, storeKey, d)
	if err != nil {
		return err
	}
	_, err = s.corrections(ctx, opened{key: storeKey, deposit: d, letters: all}, typed)
	return err
}

func (s *Station) corrections(ctx context.Context, o opened, typed []Correction) ([]typedNumber, error) {
	var good []typedNumber
	for _, c := range typed {
		if strings.TrimSpace(c.Number) == "" {
			continue
		}
		t, err := s.correction(ctx, o, c)
		if err == nil && slices.ContainsFunc(good, func(g typedNumber) bool { return g.number == t.number }) {
			err = &Fault{Code: NumberUsed, Err: errors.New("the same number was typed for two letters")}
		}
		if err != nil {
			return nil, &CorrectionError{Attempt: c.Attempt, Err: err}
		}
		good = append(good, t)
	}
	return good, nil
}

func (s *Station) correction(ctx context.Context, o opened, c Correction) (typedNumber, error) {
	i := slices.IndexFunc(o.letters, func(m mailed) bool { return m.attempt == c.Attempt })
	if i < 0 {
		return typedNumber{}, &Fault{Code: NumberOther, Err: errors.New("the letter is not a registered one of this deposit")}
	}
	n, err := registeredNumber(c.Number)
	if err != nil {
		return typedNumber{}, err
	}
	t := typedNumber{letter: o.letters[i], number: n}
	if t.letter.number == n {
		return t, nil
	}
	if t.letter.number != "" {
		labelled, err := s.cfg.Store.Labelled(ctx, t.letter.job.ID)
		if err != nil {
			return t, fault(err)
		}
		if !labelled || t.letter.proven {
			return t, &Fault{Code: NumberOther, Err: errors.New("the letter was posted under another number")}
		}
	}
	return t, s.unused(ctx, o.key, n, t.letter.job.ID)
}

// registeredNumber reads the number of a registered letter, or says by a fault
// what else it is.
func registeredNumber(text string) (postal.TrackingNumber, error) {
	n, err := postal.ParseNumber(text)
	var bad *postal.NumberError
	if !errors.As(err, &bad) {
		return n.Text, fault(err)
	}
	code := NumberInvalid
	switch bad.Reason {
	case postal.WrongCheckDigit:
		code = NumberCheck
	case postal.ParcelCode:
		code = NumberParcel
	}
	return "", &Fault{Code: code, Err: err}
}

// unused refuses a number that another letter of this station has. Central looks
// among all letters of all stations when the receipt comes.
func (s *Station) unused(ctx context.Context, storeKey *keys.StoreKey, n postal.TrackingNumber, job string) error {
	jobs, err := s.cfg.Store.Jobs(ctx)
	if err != nil {
		return fault(err)
	}
	for _, j := range jobs {
		if j.ID == job {
			continue
		}
		other, err := tracking(storeKey, j)
		if err != nil {
			return fault(err)
		}
		if other == n {
			return &Fault{Code: NumberUsed, Err: fmt.Errorf("the letter with the piece %s has this number", j.Attempt)}
		}
	}
	return nil
}

// BindNumber gives a registered letter that central gave no number the one of a
// label from the roll: the letter's code is scanned, then the label. A label that
// was bound by mistake is replaced by binding another, until the drop-off. The
// number goes up with the deposit's receipt.
func (s *Station) BindNumber(ctx context.Context, letterCode, label string) (Job, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return Job{}, err
	}
	a, j, err := s.piece(ctx, letterCode)
	if err != nil {
		return Job{}, err
	}
	switch p := postal.Product(j.Product); {
	case p != postal.Registered && p != postal.International:
		return shown(j), &Fault{Code: NumberNotWanted, Err: fmt.Errorf("the letter is %s", p)}
	case j.Attempt != a.Code || j.State != store.DeviceDone && j.State != store.Confirmed && j.State != store.Enveloped:
		return shown(j), &Fault{Code: CodeState, Err: fmt.Errorf("attempt %s: the letter is %s and its attempt is %s", a.Code, j.State, j.Attempt)}
	}
	n, err := registeredNumber(label)
	if err != nil {
		return shown(j), err
	}
	if has, err := tracking(storeKey, j); err != nil || has == n {
		return shown(j), fault(err)
	}
	if err := s.unused(ctx, storeKey, n, j.ID); err != nil {
		return shown(j), err
	}
	l, err := s.label(storeKey, j.ID, n)
	if err != nil {
		return shown(j), fault(err)
	}
	if err := s.record(ctx, journal.Access{Action: journal.ActionEnvelope, Object: j.ID, Attempt: a.Code, Reason: "label"}); err != nil {
		return shown(j), err
	}
	err = s.cfg.Store.Stick(ctx, l)
	if errors.Is(err, store.ErrState) {
		return shown(j), &Fault{Code: NumberOther, Err: err}
	}
	if err != nil {
		return shown(j), fault(err)
	}
	j.Tracking, j.Numbered = l.Number, true
	return shown(j), s.refresh(ctx)
}

func (s *Station) label(storeKey *keys.StoreKey, job string, n postal.TrackingNumber) (store.Label, error) {
	sealed, err := storeKey.Seal(keys.TrackingNumber(job), []byte(n))
	return store.Label{Job: job, Number: sealed, At: s.cfg.Now()}, err
}
