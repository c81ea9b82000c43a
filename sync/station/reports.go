package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// Reports are what push takes upstream, and what it brings back.

// Outbox returns the oldest messages that central has not acknowledged.
func (s *Station) Outbox(ctx context.Context, limit int) ([]store.Message, error) {
	m, err := s.cfg.Store.Outbox(ctx, limit)
	return m, fault(err)
}

// Delivered says that central has taken a message.
func (s *Station) Delivered(ctx context.Context, id string) error {
	err := s.cfg.Store.Acknowledge(ctx, id)
	s.change(func() { s.ledger++ }) // it may have been a deposit, or a receipt
	return fault(err)
}

// Judged brings central's verdict on an event. A piece that it accepted may be
// deposited; a letter about which it refused a printing or a piece is held.
func (s *Station) Judged(ctx context.Context, e wire.Event, v wire.Verdict) error {
	m := store.Move{Job: e.Job, Attempt: e.Attempt}
	switch {
	case v.Verdict == wire.VerdictRefused && (e.Kind == wire.EventAttempt || e.Kind == wire.EventEnveloped):
		m.From = []store.State{store.Ready, store.Sending, store.Sent, store.DeviceDone, store.Uncertain, store.Confirmed}
		m.To, m.Hold, m.Token = store.Held, string(refusal(v.Problem.Type)), e.FencingToken
	case v.Verdict != wire.VerdictRefused && e.Kind == wire.EventEnveloped:
		m.From, m.To = []store.State{store.Confirmed}, store.Enveloped // the second telling finds it there already
	default:
		return s.Delivered(ctx, e.ID)
	}
	// A letter that has gone further in the meantime stays where it is, as one that
	// is printed anew, or under another lease: this is not about that.
	if err := s.move(ctx, m); err != nil && !errors.Is(err, store.ErrState) {
		return err
	}
	return s.Delivered(ctx, e.ID)
}

func refusal(p wire.ProblemType) FaultCode {
	switch p {
	case wire.ProblemLeaseLost, wire.ProblemStaleFencingToken:
		return LeaseLost
	case wire.ProblemJobCancelled:
		return OrderCancelled
	}
	return ScanRefused
}

// Proof is a receipt as central gets it.
type Proof struct {
	Request wire.ReceiptRequest
	Image   []byte
}

// Proof opens a receipt for central. It needs an unlocked station.
func (s *Station) Proof(ctx context.Context, id string) (Proof, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return Proof{}, err
	}
	r, err := s.cfg.Store.ReceiptByID(ctx, id)
	if err != nil {
		return Proof{}, fault(err)
	}
	image, err := storeKey.Open(receiptField("sealed_image", id), r.Image)
	if err != nil {
		return Proof{}, fault(err)
	}
	defer image.Destroy()
	numbers, err := openNumbers(storeKey, r)
	if err != nil {
		return Proof{}, fault(err)
	}
	return Proof{
		Request: wire.ReceiptRequest{
			Deposit: r.Deposit, MediaType: wire.MediaType(r.MediaType),
			SHA256: r.SHA256, Size: int64(image.Len()), Numbers: numbers,
		},
		Image: append([]byte(nil), image.Bytes()...),
	}, nil
}

func openNumbers(storeKey *keys.StoreKey, r store.Receipt) ([]wire.RegisteredNumber, error) {
	sealed, err := storeKey.Open(receiptField("sealed_numbers", r.ID), r.Numbers)
	if err != nil {
		return nil, err
	}
	defer sealed.Destroy()
	numbers := []wire.RegisteredNumber{}
	if err := json.Unmarshal(sealed.Bytes(), &numbers); err != nil {
		return nil, fmt.Errorf("read a receipt's numbers: %w", err)
	}
	return numbers, nil
}

func receiptField(column, id string) keys.Field {
	return keys.Field{Table: "receipts", Column: column, Row: id}
}
