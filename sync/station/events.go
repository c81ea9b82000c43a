package station

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// event makes the message that tells central what happened to a job. Its id is
// made here, once, so that sending it twice reports it once; it bears the token
// of the claim that the job belongs to. more adds what its kind needs, or is nil.
func (s *Station) event(ctx context.Context, kind wire.EventKind, j store.Job, more func(*wire.Event)) (store.Message, error) {
	claim, err := s.cfg.Store.ClaimByID(ctx, j.Claim)
	if err != nil {
		return store.Message{}, fault(err)
	}
	e := wire.Event{
		ID: uuid.NewString(), Kind: kind, At: s.cfg.Now().UTC(), Job: j.ID, Attempt: j.Attempt, FencingToken: claim.Token,
	}
	if more != nil {
		more(&e)
	}
	body, err := json.Marshal(e)
	if err != nil {
		return store.Message{}, fmt.Errorf("write an event: %w", err)
	}
	return store.Message{ID: e.ID, Kind: store.EventMessage, Body: body}, nil
}
