package station

import (
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/tpm"
)

// accesses are the entries of an action, as "actor object pages reason outcome";
// intents have no outcome.
func (r *room) accesses(action journal.Action) (found []string) {
	r.t.Helper()
	for _, e := range r.entries("") {
		if e.Action == string(action) {
			found = append(found, fmt.Sprintf("%s %s %s %s %s", e.Actor, e.Object, e.Pages, e.Reason, e.Outcome))
		}
	}
	return found
}

func (r *room) wantAccesses(action journal.Action, want ...string) {
	r.t.Helper()
	if d := cmp.Diff(want, r.accesses(action)); d != "" {
		r.t.Errorf("%s in the journal (-want +got): %s", action, d)
	}
}

// TestPagesShown: each range of pages that is shown is an access of its own,
// counted from the carrier page; pages that the letter does not have are none.
func TestPagesShown(t *testing.T) {
	r := newRoom(t)
	id := r.pay("PAGES 2")[0]
	var want []string
	for _, c := range []struct {
		asked []int
		pages []string
	}{
		{nil, []string{"1-3"}},
		{[]int{0}, []string{"1"}},
		{[]int{1, 2, 3, 4, 5}, []string{"2-3"}},
		{[]int{2, 0}, []string{"1", "3"}},
		{[]int{2, 1, 1}, []string{"2-3"}},
		{[]int{-1, 3}, nil},
		{[]int{}, nil},
	} {
		shown := 0
		r.check(r.Preview(t.Context(), id, c.asked, func(PreviewPage) error { shown++; return nil }))
		named := 0
		for _, p := range c.pages {
			want = append(want, "p1 "+id+" "+p+"  ", "p1 "+id+" "+p+"  done")
			var first, last int
			if n, _ := fmt.Sscanf(p, "%d-%d", &first, &last); n == 1 {
				last = first
			}
			named += last - first + 1
		}
		if shown != named {
			t.Errorf("pages %v: %d were shown, the journal names %d", c.asked, shown, named)
		}
	}
	r.wantAccesses(journal.ActionPreview, want...)
}

// TestPagesNotShown: what ends a look is the access's result.
func TestPagesNotShown(t *testing.T) {
	r := newRoom(t)
	id := r.pay("PAGES 2")[0]
	enough := errors.New("enough")
	if err := r.Preview(t.Context(), id, []int{0, 2}, func(PreviewPage) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("%v", err)
	}
	r.wantAccesses(journal.ActionPreview, "p1 "+id+" 1  ", "p1 "+id+" 1 unexpected failed") // the other range was not begun
}

// TestReprintIsToldApart: the printing that follows a reprint bears its reason.
func TestReprintIsToldApart(t *testing.T) {
	r := newRoom(t)
	id := r.printed()
	r.check(r.Decide(t.Context(), Decision{Job: id, Verdict: VerdictReprint, Reason: ReasonJam, Destroyed: true}))
	r.check(r.PrintBatch(t.Context(), []string{id}))
	r.wantAccesses(journal.ActionReprint, "p1 "+id+"  jam done")
	r.wantAccesses(journal.ActionPrint, "p1 "+id+"   ", "p1 "+id+"   done", "p1 "+id+"  jam ", "p1 "+id+"  jam done")
	attempts := map[string]int{}
	for _, e := range r.entries(id) {
		if e.Action == string(journal.ActionPrint) {
			attempts[e.Attempt]++
		}
	}
	if len(attempts) != 2 {
		t.Errorf("the printings are named %v", attempts)
	}
}

// TestClaimKeyIsAnAccess: the TPM opens a claim's key once, and an entry says so.
func TestClaimKeyIsAnAccess(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2", "PAGES 2")
	j, err := r.kept.Job(t.Context(), ids[0])
	r.check(err)
	r.tpm.leave(tpm.ErrMissing)
	wantFault(t, r.PrintBatch(t.Context(), ids), TPMMissing)
	r.tpm.leave(nil)
	r.check(r.PrintBatch(t.Context(), ids))
	r.wantAccesses(journal.ActionOpen,
		"p1 "+j.Claim+"   ", "p1 "+j.Claim+"  tpm_missing failed", "p1 "+j.Claim+"   ", "p1 "+j.Claim+"   done")
}

// TestReceiptsAreAccesses: of a picture that is kept, each opening; of one that
// lies in clear outside, that it was shown, once while the same person turns it.
func TestReceiptsAreAccesses(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	deposit, err := r.kept.DepositByNumber(t.Context(), d.Number)
	r.check(err)
	file := r.picture(d.Number)
	for turns := range 3 {
		_, err := r.ReadReceipt(t.Context(), d.Number, Capture{File: file, Turns: turns})
		r.check(err)
	}
	kept, err := r.AttachReceipt(t.Context(), d.Number, file)
	r.check(err)
	r.shows(kept.ID)
	away := fmt.Errorf("%w: cut", client.ErrUnreachable)
	if err := r.Picture(t.Context(), kept.ID, "report", func([]byte) error { return away }); !errors.Is(err, away) {
		t.Errorf("%v", err)
	}
	r.check(r.Lock(t.Context()))
	wantFault(t, r.Picture(t.Context(), kept.ID, "report", func([]byte) error { return nil }), Locked)
	r.wantAccesses(journal.ActionReceipt,
		"p1 "+deposit.ID+"  read done", "p1 "+kept.ID+"   done",
		"p1 "+kept.ID+"  report ", "p1 "+kept.ID+"  report done",
		"p1 "+kept.ID+"  report ", "p1 "+kept.ID+"  central_down failed")
}

// TestSlipThatIsSaved: it leaves the station.
func TestSlipThatIsSaved(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	deposit, err := r.kept.DepositByNumber(t.Context(), d.Number)
	r.check(err)
	_, err = r.Slip(t.Context(), d.Number)
	r.check(err)
	r.wantAccesses(journal.ActionExport, "p1 "+deposit.ID+"  slip done")
}

// TestRightsThatChange: another role and another policy are in the journal, and
// the same list again is not.
func TestRightsThatChange(t *testing.T) {
	r := newRoom(t)
	r.wantAccesses(journal.ActionConfigure)
	r.people[1].Role = wire.RoleSupervisor
	r.list(r.people...)
	r.list(r.people...)
	r.rule(func(p *wire.Policy) { p.OfflineSeconds = 3600 })
	r.restart()
	r.list(r.people...)
	r.wantAccesses(journal.ActionConfigure, " p2  role_supervisor done", "   policy done")
}

// TestFetches: a document that is not to be had is a try that failed, a download
// that breaks off is none.
func TestFetches(t *testing.T) {
	r := newRoom(t)
	claim, err := r.BeginClaim(t.Context())
	r.check(err)
	r.check(r.TakeClaim(t.Context(), wire.Claim{ID: claim, FencingToken: 7, ExpiresAt: time.Now().Add(time.Hour), SealedKey: []byte("x")}))
	job := wire.Job{ID: uuid.NewString(), Product: wire.ProductStandard, Options: wire.Options{Envelope: "c56"}, PaidPages: 2, PaidAt: time.Now(), CutOff: time.Now(), WrappedKey: make([]byte, keys.KeySize), Details: []byte("x")}
	take := func(err error) {
		_ = r.TakeJob(t.Context(), claim, job, func(path string) error {
			if err != nil {
				return err
			}
			return os.WriteFile(path, []byte("x"), 0o600)
		})
	}
	take(client.ErrUnreachable)
	take(client.ErrDigest)
	take(nil)
	r.wantAccesses(journal.ActionFetch, "p1 "+job.ID+"  central_refused failed", "p1 "+job.ID+"   done")
}

// TestFaultIsWrittenOnce: when it begins, not at each try, and again when it comes
// back.
func TestFaultIsWrittenOnce(t *testing.T) {
	r := newRoom(t)
	for range 3 {
		r.TPMReport(tpm.ErrMissing)
	}
	r.TPMReport(nil)
	r.TPMReport(tpm.ErrMissing)
	r.PushReport(client.ErrUnreachable)
	r.JournalReport(journal.ErrFull)
	r.wantAccesses(journal.ActionFail, "   tpm_missing failed", "   tpm_missing failed", "   disk_full failed")
}

// TestProgramBeginsAndEnds: with its version, where that can be named.
func TestProgramBeginsAndEnds(t *testing.T) {
	r := newRoom(t)
	for _, version := range []string{"0.1.0", "0.2.0-rc.1", "made by hand"} {
		r.check(r.Started(t.Context(), version))
	}
	r.check(r.Close(t.Context()))
	r.wantAccesses(journal.ActionStart, " version-0-1-0   done", " version-0-2-0-rc1   done", "    done")
	r.wantEnd("p1 lock   done", " stop   done")
}

// TestSetUpFromOutside: what changes, and what is refused again and again, once.
func TestSetUpFromOutside(t *testing.T) {
	r := newRoom(t)
	bad := client.ErrCertificate
	for _, why := range []error{nil, bad, bad, nil, bad} {
		r.check(r.Configured(t.Context(), SetTrust, why))
	}
	r.check(r.Configured(t.Context(), SetCertificate, bad))
	r.wantAccesses(journal.ActionConfigure, "   trust done", "   trust refused", "   trust done", "   trust refused", "   certificate refused")
}

// TestNobodyByThatName: a name that nobody has here is not written, that it was
// tried is.
func TestNobodyByThatName(t *testing.T) {
	r := newRoom(t)
	wantFault(t, r.Unlock(t.Context(), "Ann-Peeters", []byte(pin)), WrongPIN)
	r.wantEnd(" unlock  wrong_pin failed")
}

// TestWhoTakesTheJournalOut: supervisors and admins; and whoever has the machine,
// without the window. That others tried is in it.
func TestWhoTakesTheJournalOut(t *testing.T) {
	r := newRoom(t)
	_, err := r.TakesOut(t.Context(), false)
	wantFault(t, err, NotPermitted)
	for _, role := range []wire.Role{wire.RoleSupervisor, wire.RoleAdmin} {
		r.people[0].Role = role
		r.list(r.people...)
		r.check(r.Unlock(t.Context(), anna, []byte(pin)))
		if who, err := r.TakesOut(t.Context(), true); who != anna || err != nil {
			t.Errorf("as %s: %q, %v", role, who, err)
		}
	}
	r.check(r.Lock(t.Context()))
	if who, err := r.TakesOut(t.Context(), false); who != "" || err != nil {
		t.Errorf("nobody at work: %q, %v", who, err)
	}
	_, err = r.TakesOut(t.Context(), true)
	wantFault(t, err, Locked)
	r.wantAccesses(journal.ActionExport, "p1   not_permitted refused", "   locked refused")
}
