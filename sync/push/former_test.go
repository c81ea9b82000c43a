package push

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

// formerJournal is one of an earlier enrolment: nobody may seal it.
type formerJournal struct {
	*fakeJournal
	log string
}

func (j formerJournal) Log() string { return j.log }

// succeeding is a room whose station had two journals before.
func succeeding() (r *room, first, second *fakeJournal) {
	r = newRoom()
	first, second = &fakeJournal{lines: numbered(3), sealed: 1}, &fakeJournal{lines: numbered(2), sealed: 2}
	r.Pusher = New(r.central, r.station, r.journal, origin, formerJournal{first, "old/1"}, formerJournal{second, "old/2"})
	r.central.former = map[string][]string{"old/1": numbered(1), "old/2": numbered(2)}
	return r, first, second
}

// TestDroppedFormer: a former journal that is forgotten is sent no more.
func TestDroppedFormer(t *testing.T) {
	r, _, _ := succeeding()
	r.Drop("old/1")
	r.journal.add("now")
	r.mustPush(t)
	if d := cmp.Diff(map[string][]string{"old/1": numbered(1), "old/2": numbered(2)}, r.central.former); d != "" {
		t.Errorf("central has (-want +got): %s", d)
	}
}

// TestFormerJournals: what central lacks of them goes up once, before the journal
// of now, and nothing is signed.
func TestFormerJournals(t *testing.T) {
	r, first, _ := succeeding()
	r.journal.add("now")
	r.mustPush(t)
	if d := cmp.Diff(map[string][]string{"old/1": numbered(3), "old/2": numbered(2)}, r.central.former); d != "" {
		t.Errorf("central has (-want +got): %s", d)
	}
	wantRequests(t, r.central, "entries[old/1]", "entries[]", "checkpoint[]")
	if first.sealed != 1 || len(first.lines) != 3 {
		t.Errorf("the journal that was: %d entries, %d sealed", len(first.lines), first.sealed)
	}
	r.mustPush(t)
	if n := len(r.central.requests()); n != 3 {
		t.Errorf("%d requests after a turn with nothing new", n)
	}
}

// TestFormerJournalThatForked: central's no to one is told, changes nothing here,
// and holds up neither the other nor the journal of now.
func TestFormerJournalThatForked(t *testing.T) {
	for name, no := range map[string]error{
		"fork": wire.NewProblem(wire.ProblemJournalFork, ""), "not ours": wire.NewProblem(wire.ProblemForbidden, ""),
	} {
		r, first, second := succeeding()
		second.lines = numbered(4)
		r.journal.add("now")
		r.central.fail = func(operation, log string) error {
			if operation == "entries" && log == "old/1" {
				return no
			}
			return nil
		}
		if refused, err := r.push(t.Context(), newTurn(false)); err != nil || !errors.Is(refused, no) {
			t.Errorf("%s: %v and %v", name, refused, err)
		}
		if d := cmp.Diff(map[string][]string{"old/1": numbered(1), "old/2": numbered(4)}, r.central.former); d != "" || len(r.central.entries) != 1 {
			t.Errorf("%s: central has %d entries of now, and (-want +got): %s", name, len(r.central.entries), d)
		}
		if len(first.lines) != 3 {
			t.Errorf("%s: the evidence is gone", name)
		}
		before := len(r.central.requests())
		if _, err := r.push(t.Context(), newTurn(false)); err != nil || len(r.central.requests()) != before {
			t.Errorf("%s: %v, and asked again at once", name, err)
		}
	}
}

// TestFormerJournalWithoutCentral: it is tried again, from where it stands.
func TestFormerJournalWithoutCentral(t *testing.T) {
	r, _, _ := succeeding()
	r.central.fail = func(string, string) error { return fmt.Errorf("%w: refused", client.ErrUnreachable) }
	wantFault(t, r.Push(t.Context()), station.CentralDown)
	r.central.fail = nil
	r.mustPush(t)
	if n := len(r.central.former["old/1"]); n != 3 {
		t.Errorf("central has %d entries", n)
	}
}
