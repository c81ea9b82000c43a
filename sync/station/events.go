package station

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// event makes the message that tells central what happened to a job. Its id is
// made here, once, so that sending it twice reports it once.
func (s *Station) event(kind wire.EventKind, j store.Job, token int64, more func(*wire.Event)) (store.Message, error) {
	e := wire.Event{
		ID: uuid.NewString(), Kind: kind, At: s.cfg.Now().UTC(), Job: j.ID, Attempt: j.Attempt, FencingToken: token,
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
