package enrolment

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Forget deletes the journal of an earlier enrolment by the name of its folder;
// whoever had it open has closed it. last is its last countersigned checkpoint,
// nil for none, which stays in the identity with the keys that it verifies by. A
// name that none has is nothing to do.
func (h *Holder) Forget(name string, last []byte) error {
	h.changing.Lock()
	defer h.changing.Unlock()
	id := h.now().id
	i := slices.IndexFunc(id.Predecessors, func(p Predecessor) bool { return p.Dir == name })
	if i < 0 || name == "" {
		return nil
	}
	id.Predecessors = slices.Clone(id.Predecessors)
	p := &id.Predecessors[i]
	if later(p.Checkpoint, last) {
		p.Checkpoint = string(last)
	}
	p.Dir, id.Forgetting = "", name
	if err := h.keep(id); err != nil {
		return err
	}
	return h.forget()
}

// later tells whether a checkpoint is of more entries than the one that is known,
// "" for none.
func later(known string, now []byte) bool {
	c, err := checkpoint.ParseCheckpoint(now)
	if err != nil {
		return false
	}
	k, err := checkpoint.ParseCheckpoint([]byte(known))
	return err != nil || c.Size > k.Size
}

// forget ends what Forget began.
func (h *Holder) forget() error {
	id := h.now().id
	if id.Forgetting == "" {
		return nil
	}
	if err := os.RemoveAll(filepath.Join(h.dir, id.Forgetting)); err != nil {
		return fmt.Errorf("delete an earlier journal: %w", err)
	}
	if err := syncDir(h.dir); err != nil {
		return fmt.Errorf("delete an earlier journal: %w", err)
	}
	id.Forgetting = ""
	return h.keep(id)
}
