package central

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/verify"
)

// forked is a room whose station has another copy that went its own way after four entries.
func forked(t *testing.T) (r *room, s *soft, l, clone *logbook) {
	t.Helper()
	r = newRoom(t, nil)
	s = r.enrol("press-1")
	l = newLogbook(t, s)
	l.add(r, 4, "job-1")
	r.send(s, l.from(1), "")
	r.seal(s, l.note(), "")
	clone = l.copy()
	l.add(r, 2, "job-2")
	clone.add(r, 3, "job-3")
	r.send(s, l.from(5), "")
	r.seal(s, l.note(), "")
	return r, s, l, clone
}

// TestNoLettersAfterAFork: neither copy of a station gets letters, what it leased goes to others, and what
// it reports is taken, until a person decides.
func TestNoLettersAfterAFork(t *testing.T) {
	r, s, l, clone := forked(t)
	ctx := context.Background()
	jobs := r.pay(4)
	request := wire.ClaimRequest{ID: uuid.NewString(), Max: 2}
	claim, err := s.Claim(ctx, request)
	r.check(err)
	token := claim.FencingToken
	r.report(s, []wire.Event{r.event(wire.EventAttempt, jobs[0], code(1), token)}, accepted)
	r.send(s, clone.from(5), wire.ProblemJournalFork)
	r.alarmed("fork 5 1")

	refused := func() {
		t.Helper()
		_, again := s.Claim(ctx, request) // the answer of before is not given again
		_, other := s.Claim(ctx, wire.ClaimRequest{ID: uuid.NewString(), Max: 2})
		_, renewed := s.Renew(ctx, claim.ID, wire.RenewalRequest{ID: uuid.NewString(), FencingToken: token})
		_, pin := s.GrantPIN(ctx, wire.PINGrantRequest{
			ID: uuid.NewString(), Person: "p1", Code: "0123456789", Request: wire.PINRequest{},
		})
		document := s.DownloadFile(ctx, claim.Jobs[0].Document, filepath.Join(t.TempDir(), "letter"))
		for what, err := range map[string]error{"claim": again, "another claim": other, "renewal": renewed, "document": document, "PIN": pin} {
			if !errors.Is(err, wire.ProblemJournalFork) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
	refused()
	elsewhere := r.enrol("press-2")
	if got := r.claim(elsewhere, 10); len(got.Jobs) != 3 {
		t.Errorf("%d letters are leased elsewhere, want the three that are on no paper", len(got.Jobs))
	}
	r.report(s, []wire.Event{r.event(wire.EventSent, jobs[0], code(1), token), r.event(wire.EventEnveloped, jobs[0], code(1), token)}, accepted, accepted)
	l.add(r, 1, "job-1")
	r.send(s, l.from(7), "") // the history that came first is on record
	r.seal(s, l.note(), "")
	refused()

	if err := r.Resolve(ctx, "press-2", "p2", "exercise"); !errors.Is(err, ErrAlarm) {
		t.Errorf("nothing to decide: %v", err)
	}
	f := r.follow(t, s)
	f.until("it is told", func(n wire.Notice) bool { return n.JournalFork && n.Waiting == 0 })
	for range 2 {
		r.check(r.Resolve(ctx, "press-1", "p2", "exercise"))
	}
	f.until("it is told of the decision", func(n wire.Notice) bool { return !n.JournalFork })
	f.stop()
	r.alarmed()
	r.pay(1)
	if got := r.claim(s, 10); len(got.Jobs) != 1 {
		t.Errorf("%d letters after the decision", len(got.Jobs))
	}
	r.send(s, clone.from(5), wire.ProblemJournalFork) // the copy is there still
	r.alarmed("fork 5 1")
	if _, err := s.Claim(ctx, wire.ClaimRequest{ID: uuid.NewString(), Max: 2}); !errors.Is(err, wire.ProblemJournalFork) {
		t.Errorf("shown again: %v", err)
	}
	anew := r.enrol("press-1")
	r.pay(1)
	if got := r.claim(anew, 10); len(got.Jobs) != 2 {
		t.Errorf("%d letters after it enrolled anew, want the new one and the one of before", len(got.Jobs))
	}
}

// TestForkOfAFormerLog says nothing of the keys in force.
func TestForkOfAFormerLog(t *testing.T) {
	r, _, _, clone := forked(t)
	anew := r.enrol("press-1")
	r.send(anew, clone.from(5), wire.ProblemJournalFork)
	r.alarmed("fork 5 1")
	r.pay(1)
	if got := r.claim(anew, 1); len(got.Jobs) != 1 {
		t.Error("the station that enrolled anew has no letters")
	}
}

// TestHistoryIsKept: the other history as far as it was shown, once, whatever the number of tries.
func TestHistoryIsKept(t *testing.T) {
	r, s, l, clone := forked(t)
	r.send(s, clone.from(1), wire.ProblemJournalFork)
	r.send(s, clone.from(5), wire.ProblemJournalFork)
	clone.add(r, 2, "job-3")
	r.send(s, clone.from(5), wire.ProblemJournalFork)
	clone.add(r, 1, "job-3")
	r.send(s, clone.from(7), wire.ProblemJournalFork) // it goes on behind what central holds
	third := clone.copy()
	third.add(r, 1, "job-4")
	clone.add(r, 1, "job-5")
	r.send(s, clone.from(5), wire.ProblemJournalFork)
	r.send(s, third.from(5), wire.ProblemJournalFork)
	r.seal(s, clone.note(), wire.ProblemJournalGap)
	dir := t.TempDir()
	files, err := r.ExportFork(context.Background(), clone.signer.Name(), dir)
	r.check(err)
	if len(files) != 4 || filepath.Base(files[3]) != "other-2.entry" {
		t.Fatalf("%v", files)
	}
	for i, want := range []struct {
		sealed, unsealed int64
		end              string
	}{{6, 0, l.entries[5]}, {4, 7, clone.entries[10]}} {
		name := files[i+1]
		result, err := verified(t, files[i+1:i+2], files[:1], verify.Options{AllowUnsealed: true})
		if err != nil || !result.OK || result.Exports[0].Sealed != want.sealed || result.Unsealed != want.unsealed {
			t.Errorf("%s: %+v %v", name, result, err)
		}
		if text, err := os.ReadFile(name); err != nil || !strings.Contains(string(text), want.end+"\n") {
			t.Errorf("%s: %v, %s", name, err, text)
		}
	}
	if status := r.journal(clone.signer.Name()); status.Forks != 2 {
		t.Errorf("%d pieces of evidence", status.Forks)
	}
}

// TestFloodOfEvidence: who shows a new history each time is counted, and fills no disk.
func TestFloodOfEvidence(t *testing.T) {
	r, s, l, _ := forked(t)
	for range maxEvidence + 5 {
		shown := strings.Replace(l.entries[4], "job-2", "job-"+uuid.NewString(), 1)
		r.send(s, wire.JournalEntries{Log: l.signer.Name(), First: 5, Entries: []string{shown}}, wire.ProblemJournalFork)
	}
	if status := r.journal(l.signer.Name()); status.Forks != maxEvidence {
		t.Errorf("%d pieces of evidence", status.Forks)
	}
	if all := r.alarmed("fork 5 105"); len(all) != 1 {
		t.Error("not one alarm")
	}
}
