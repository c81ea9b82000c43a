package station

import (
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

// TestForkedJournal: while central holds another history nothing is opened and
// nothing deleted, after a restart without central neither; a notice that says
// otherwise ends that, unless it was on its way already.
func TestForkedJournal(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	look := func() error { return r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { return nil }) }
	r.check(look())
	ends := func(forked bool, waiting int) {
		t.Helper()
		r.check(r.TakeOrders(t.Context(), wire.Notice{Waiting: waiting, JournalFork: forked}))
	}
	shut := func(when string) {
		t.Helper()
		if err := look(); code(err) != JournalFork {
			t.Errorf("%s: %v", when, err)
		}
		s := r.Snapshot()
		if s.NoDecryption != JournalFork || s.LastFault == nil || s.LastFault.Code != JournalFork || s.Person == nil || len(s.Jobs) != 1 {
			t.Errorf("%s: %+v", when, s)
		}
	}
	r.JournalForked(t.Context())
	shut("told by push")
	ends(false, 3)
	shut("a notice that was on its way")
	r.restart()
	shut("after a restart")
	later := func() time.Time { return time.Now().Add(time.Minute) }
	r.cfg.Now = later
	ends(false, -1)
	shut("the stream ended, and central says nothing")
	ends(true, 0)
	shut("told by a notice")
	r.cfg.Now = func() time.Time { return later().Add(time.Minute) }
	ends(false, 0)
	r.check(look())
	if s := r.Snapshot(); s.NoDecryption != "" || s.LastFault != nil {
		t.Errorf("after the decision: %+v", s)
	}
	r.restart()
	r.check(look())
}

// TestForkIsWrittenOnce: a login, which anchors the journal, does not end it.
func TestForkIsWrittenOnce(t *testing.T) {
	r := newRoom(t)
	id := r.pay("PAGES 2")[0]
	r.JournalForked(t.Context())
	for range 3 {
		r.check(r.Lock(t.Context()))
		r.check(r.Unlock(t.Context(), anna, []byte(pin)))
		wantFault(t, r.Preview(t.Context(), id, nil, func(PreviewPage) error { return nil }), JournalFork)
	}
	r.wantAccesses(journal.ActionFail, "   journal_fork failed")
}
