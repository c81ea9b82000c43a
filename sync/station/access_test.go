package station

import (
	"context"
	"sync"
	"testing"
	"time"
	"unsafe"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// slept is a reading of the clock after the machine slept: its face went on, and
// its running stood still (time.Time, "Monotonic Clocks").
func slept(t time.Time, d time.Duration) time.Time {
	seconds := uint64(d / time.Second)
	*(*uint64)(unsafe.Pointer(&t)) += seconds << 30 //nolint:gosec // the only way to such a reading
	return t
}

// TestOfflineBudget: central's silence counts while the machine sleeps, and
// whichever way the clock is set; when it answers letters open again.
func TestOfflineBudget(t *testing.T) {
	r := newRoom(t)
	r.rule(func(p *wire.Policy) { p.OfflineSeconds = 3600 })
	ids := r.pay("PAGES 2")
	look := func() error { return r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }) }
	for what, now := range map[string]func() time.Time{
		"away":      func() time.Time { return time.Now().Add(2 * time.Hour) },
		"asleep":    func() time.Time { return slept(time.Now(), 2*time.Hour) },
		"set back":  func() time.Time { return slept(time.Now().Add(3*time.Hour), -3*time.Hour) },
		"set ahead": func() time.Time { return slept(time.Now(), 24*time.Hour) },
	} {
		r.cfg.Now = now
		if err := look(); code(err) != OfflineBudget {
			t.Errorf("%s: %v", what, err)
		}
		if got := r.Snapshot().NoDecryption; got != OfflineBudget {
			t.Errorf("%s: no decryption for %q", what, got)
		}
		r.cfg.Now = time.Now
		r.CentralReport(nil)
		if got := r.Snapshot().NoDecryption; got != "" {
			t.Errorf("%s: central answered, and no decryption for %q", what, got)
		}
		r.check(look())
	}
}

// anchored is a journal whose counter may be away.
type anchored struct {
	Journal
	mu   sync.Mutex
	away error
}

func (a *anchored) Anchor(ctx context.Context, actor string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.away != nil {
		return a.away
	}
	return a.Journal.Anchor(ctx, actor)
}

// TestAnchorThatFailedOnce: what kept the journal from being tied to its counter
// is over with the next unlock.
func TestAnchorThatFailedOnce(t *testing.T) {
	r := newRoom(t)
	a := &anchored{Journal: r.cfg.Journal, away: tpm.ErrBusy}
	r.cfg.Journal = a
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	if got := r.Snapshot().NoDecryption; got != TPMBusy {
		t.Fatalf("no decryption for %q", got)
	}
	a.away = nil
	r.check(r.Unlock(t.Context(), anna, []byte(pin)))
	if got := r.Snapshot().NoDecryption; got != "" {
		t.Errorf("the counter is there, and no decryption for %q", got)
	}
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("%s", got)
	}
}
