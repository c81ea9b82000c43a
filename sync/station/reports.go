package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
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

// Proof is a receipt as central gets it, but for its picture. It needs an
// unlocked station.
func (s *Station) Proof(ctx context.Context, id string) (wire.ReceiptRequest, error) {
	_, storeKey, err := s.unlocked()
	if err != nil {
		return wire.ReceiptRequest{}, err
	}
	r, err := s.cfg.Store.ReceiptByID(ctx, id)
	if err != nil {
		return wire.ReceiptRequest{}, fault(err)
	}
	numbers, err := openNumbers(storeKey, r)
	if err != nil {
		return wire.ReceiptRequest{}, fault(err)
	}
	return wire.ReceiptRequest{
		Deposit: r.Deposit, MediaType: wire.MediaType(r.MediaType), SHA256: r.SHA256,
		Size: int64(len(r.Image) - keys.Overhead), Numbers: numbers,
	}, nil
}

// Picture opens the picture of a receipt, which shows addresses, and wipes it when
// use returns. That is an access: its intent is journaled first, with why, and what
// came of it after. It needs an unlocked station.
func (s *Station) Picture(ctx context.Context, id, why string, use func([]byte) error) error {
	person, storeKey, err := s.unlocked()
	if err != nil {
		return err
	}
	r, err := s.cfg.Store.ReceiptByID(ctx, id)
	if err != nil {
		return fault(err)
	}
	permit, err := s.intent(ctx, journal.Access{Actor: person.Pseudonym, Action: journal.ActionReceipt, Object: id, Reason: why})
	s.report(partJournal, err)
	if err != nil {
		return fault(err)
	}
	if err := openPicture(storeKey, permit, r, use); err != nil {
		return errors.Join(fault(err), s.result(ctx, permit, journal.OutcomeFailed, string(code(err))))
	}
	return s.result(ctx, permit, journal.OutcomeDone, "")
}

func openPicture(storeKey *keys.StoreKey, permit journal.Permit, r store.Receipt, use func([]byte) error) error {
	picture, err := storeKey.OpenPicture(permit, r.ID, r.Image)
	if err != nil {
		return err
	}
	defer picture.Destroy()
	return use(picture.Bytes())
}

func openNumbers(storeKey *keys.StoreKey, r store.Receipt) ([]wire.RegisteredNumber, error) {
	sealed, err := storeKey.Open(keys.ReceiptNumbers(r.ID), r.Numbers)
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
