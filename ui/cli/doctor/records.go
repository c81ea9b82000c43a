package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// journal reads the whole journal, where there is one yet.
func (e *exam) journal(ctx context.Context) {
	if _, err := os.Stat(filepath.Join(e.settings.DataDir, "journal")); errors.Is(err, os.ErrNotExist) || e.holder == nil {
		return
	}
	j, err := e.Journal(ctx)
	if err != nil {
		e.bad(Journal, err)
		return
	}
	v, err := j.Verify(ctx)
	status := j.Status()
	if err = errors.Join(err, j.Close()); err != nil {
		e.bad(Journal, err)
		return
	}
	e.sealed(v, status)
}

// sealedFor is how long entries may wait for central before somebody should look.
const sealedFor = 4 * time.Hour

func (e *exam) sealed(v journal.Verification, s journal.Status) {
	open := max(0, v.Entries-s.Sealed)
	detail := fmt.Sprintf("%d entries whole, %d of them not countersigned yet", v.Entries, open)
	level := OK
	if open > 0 && (s.SealedAt.IsZero() || e.Now().Sub(s.SealedAt) > sealedFor) {
		level = Warn
	}
	e.say(Journal, level, detail)
}
