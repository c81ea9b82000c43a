package station

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// Finding says what a code on a receipt is.
type Finding string

// The findings on a code.
const (
	FindingMatched Finding = "matched"     // a registered number of this deposit
	FindingSlip    Finding = "slip"        // this deposit's own number
	FindingForeign Finding = "not_ours"    // a valid number of no letter in this deposit
	FindingCheck   Finding = "check_digit" // a number with a wrong check digit
	FindingParcel  Finding = "parcel"      // a parcel's code
	FindingOther   Finding = "other"       // not a postal number
)

// ReceiptCode is one code found on a receipt.
type ReceiptCode struct {
	receipt.Code
	Finding Finding
	Attempt postal.AttemptCode // of the matched letter
}

// Receipt is what was read off a receipt and kept.
type Receipt struct {
	ID      string
	Codes   []ReceiptCode
	Missing []postal.AttemptCode // registered letters whose number is not on it
}

// AttachReceipt reads the receipt of a deposit from a picture file, matches
// its numbers to the letters and keeps the picture sealed. A picture that
// can't be read, or that has nothing to do with the deposit, is refused.
func (s *Station) AttachReceipt(ctx context.Context, depositNumber string, file []byte) (Receipt, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return Receipt{}, err
	}
	deposit, err := s.cfg.Store.DepositByNumber(ctx, depositNumber)
	if err != nil {
		return Receipt{}, fault(err)
	}
	picture, err := receipt.Decode(file)
	if err != nil {
		return Receipt{}, &Fault{Code: ReceiptUnreadable, Err: err}
	}
	codes, err := receipt.Read(ctx, picture)
	if err != nil {
		return Receipt{}, &Fault{Code: ReceiptUnreadable, Err: err}
	}
	expected, err := s.expected(ctx, storeKey, deposit)
	if err != nil {
		return Receipt{}, err
	}
	r := match(deposit.Number, expected, codes)
	if err := r.verdict(); err != nil {
		return r, err
	}
	r.ID = uuid.NewString()
	if err := s.record(ctx, journal.Access{Action: journal.ActionReceipt, Object: r.ID}); err != nil {
		return r, err
	}
	defer s.tell()
	return r, fault(s.keep(ctx, storeKey, deposit, r, file))
}

// expected maps the registered numbers of a deposit to their attempts.
func (s *Station) expected(ctx context.Context, storeKey *keys.StoreKey, d store.Deposit) (map[postal.TrackingNumber]postal.AttemptCode, error) {
	numbers := map[postal.TrackingNumber]postal.AttemptCode{}
	for _, code := range d.Attempts {
		a, err := s.cfg.Store.Attempt(ctx, code)
		if err != nil {
			return nil, fault(err)
		}
		j, err := s.cfg.Store.Job(ctx, a.Job)
		if err != nil {
			return nil, fault(err)
		}
		n, err := tracking(storeKey, j)
		if err != nil {
			return nil, fault(err)
		}
		if n != "" {
			numbers[n] = postal.AttemptCode(code)
		}
	}
	return numbers, nil
}

func match(slip string, expected map[postal.TrackingNumber]postal.AttemptCode, codes []receipt.Code) Receipt {
	var r Receipt
	seen := map[postal.AttemptCode]bool{}
	for _, c := range codes {
		found := ReceiptCode{Code: c}
		found.Finding, found.Attempt = judgeCode(slip, expected, c.Text)
		seen[found.Attempt] = true
		r.Codes = append(r.Codes, found)
	}
	for _, attempt := range expected {
		if !seen[attempt] {
			r.Missing = append(r.Missing, attempt)
		}
	}
	return r
}

func judgeCode(slip string, expected map[postal.TrackingNumber]postal.AttemptCode, text string) (Finding, postal.AttemptCode) {
	if text == slip {
		return FindingSlip, ""
	}
	n, err := postal.ParseNumber(text)
	var bad *postal.NumberError
	if errors.As(err, &bad) {
		switch bad.Reason {
		case postal.WrongCheckDigit:
			return FindingCheck, ""
		case postal.ParcelCode:
			return FindingParcel, ""
		}
		return FindingOther, ""
	}
	if attempt, ok := expected[n.Text]; ok {
		return FindingMatched, attempt
	}
	return FindingForeign, ""
}

// verdict refuses a receipt that proves nothing about its deposit.
func (r Receipt) verdict() error {
	wrong := false
	for _, c := range r.Codes {
		switch c.Finding {
		case FindingMatched, FindingSlip:
			return nil
		case FindingCheck:
			wrong = true
		}
	}
	if wrong {
		return &Fault{Code: ReceiptNumber, Err: errors.New("the only numbers on the receipt have wrong check digits")}
	}
	return &Fault{Code: ReceiptOther, Err: fmt.Errorf("none of the %d codes on the receipt belongs to this deposit", len(r.Codes))}
}

// numbers are the matched ones in the one form that central takes, whatever spaces stood between.
func (r Receipt) numbers() []wire.RegisteredNumber {
	numbers := []wire.RegisteredNumber{}
	for _, c := range r.Codes {
		if c.Finding != FindingMatched {
			continue
		}
		if n, err := postal.ParseNumber(c.Text); err == nil { // as it did when it was matched
			numbers = append(numbers, wire.RegisteredNumber{Attempt: string(c.Attempt), Number: string(n.Text)})
		}
	}
	return numbers
}

// mediaType names the format of a picture that was decoded.
func mediaType(file []byte) wire.MediaType {
	if sniffed := wire.MediaType(http.DetectContentType(file)); sniffed.Valid() {
		return sniffed
	}
	return wire.MediaTIFF // the one format of receipt.Decode that net/http does not know
}

func (s *Station) keep(ctx context.Context, storeKey *keys.StoreKey, d store.Deposit, r Receipt, file []byte) error {
	plain, err := json.Marshal(r.numbers())
	if err != nil {
		return fmt.Errorf("write the receipt's numbers: %w", err)
	}
	digest := sha256.Sum256(file)
	row := store.Receipt{ID: r.ID, Deposit: d.ID, MediaType: string(mediaType(file)), SHA256: hex.EncodeToString(digest[:]), At: s.cfg.Now()}
	if row.Image, err = storeKey.Seal(receiptField("sealed_image", r.ID), file); err != nil {
		return err
	}
	if row.Numbers, err = storeKey.Seal(receiptField("sealed_numbers", r.ID), plain); err != nil {
		return err
	}
	return s.cfg.Store.AddReceipt(ctx, row, store.Message{ID: r.ID, Kind: store.ReceiptMessage, Body: []byte(r.ID)})
}
