package viewmodel_test

import (
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"

	"github.com/google/go-cmp/cmp"
)

// printed is a letter of a batch whose latest attempt is on paper.
func printed(id, batch string, s store.State, change ...func(*station.Job)) station.Job {
	j := job(id, postal.Standard, 5, in(s))
	j.Batch, j.Attempt, j.Number, j.Paper = batch, j.Code, 1, s.OnPaper()
	for _, c := range change {
		c(&j)
	}
	return j
}

func registered(j *station.Job) { j.Product = postal.Registered }
func takenBack(j *station.Job)  { j.Order = "cancel" }

// atPress is a press at an unlocked station with those letters.
func atPress(t *testing.T, jobs ...station.Job) (*viewmodel.Press, *uitest.Station, *uitest.Loop) {
	s := uitest.NewStation(uitest.People(), jobs)
	s.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[0] })
	loop := uitest.NewLoop(t, 256)
	p := viewmodel.NewPress(s, loop.Post)
	t.Cleanup(p.Close)
	show(p, s, loop)
	return p, s, loop
}

// show brings the press what the station shows now.
func show(p *viewmodel.Press, s *uitest.Station, loop *uitest.Loop) {
	p.Show(s.Snapshot())
	loop.Run(1)
}

func keys(piles []viewmodel.Pile) []viewmodel.PileKey {
	var out []viewmodel.PileKey
	for _, p := range piles {
		out = append(out, p.PileKey)
	}
	return out
}

func TestPilesStandApart(t *testing.T) {
	p, s, loop := atPress(t,
		printed("done", "b-1", store.DeviceDone), printed("lost", "b-1", store.Uncertain),
		printed("back", "b-2", store.DeviceDone, takenBack), printed("sent", "b-2", store.Sent, takenBack),
		printed("old", "b-0", store.Enveloped), job("ready", postal.Standard, 9),
		job("bad", postal.Standard, 9, in(store.Held), func(j *station.Job) { j.Hold = station.PageCount }),
		printed("pulled", "b-1", store.Held, func(j *station.Job) { j.Hold = station.Pulled }),
		printed("held", "b-0", store.Held, func(j *station.Job) { j.Hold, j.Paper = station.OrderCancelled, true }),
		job("early", postal.Standard, 9, in(store.Held), func(j *station.Job) { j.Hold = station.OrderCancelled }),
	)
	want := []viewmodel.PileKey{{Kind: viewmodel.PileUncertain}, {Kind: viewmodel.PileOrders},
		{Kind: viewmodel.PileBatch, Batch: "b-2"}, {Kind: viewmodel.PileBatch, Batch: "b-1"},
		{Kind: viewmodel.PileBatch, Batch: "b-0"}, {Kind: viewmodel.PileHeld}}
	if diff := cmp.Diff(want, keys(p.Piles)); diff != "" {
		t.Fatalf("piles (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([][]string{{"lost"}, {"back", "sent", "held"}, {"bad"}}, [][]string{ids(p.Piles[0].Rows), ids(p.Piles[1].Rows), ids(p.Piles[5].Rows)}); diff != "" {
		t.Errorf("letters that stand apart (-want +got):\n%s", diff)
	}
	if p.Pile.Kind != viewmodel.PileUncertain || p.Selected != "lost" {
		t.Errorf("in sight: %v, chosen: %q", p.Pile, p.Selected)
	}
	s.Change(func(c *station.Snapshot) { c.Batch = &station.Batch{ID: "b-2", Total: 2, Current: "sent"} })
	show(p, s, loop)
	if p.Pile.Batch != "b-2" || !p.Piles[2].Running {
		t.Errorf("the running batch is not in sight: %v", p.Pile)
	}
	p.Look(viewmodel.PileKey{Kind: viewmodel.PileHeld})
	show(p, s, loop)
	if p.Pile.Kind != viewmodel.PileHeld {
		t.Errorf("the pile that was chosen went away for %v", p.Pile)
	}
}

// TestABatchKnowsWhenItBegan: its id begins with the time.
func TestABatchKnowsWhenItBegan(t *testing.T) {
	const id = "019a0000-0000-7000-8000-000000000001"
	p, _, _ := atPress(t, printed("a", id, store.DeviceDone), printed("b", "b-1", store.DeviceDone))
	for _, pile := range p.Piles {
		want := time.Time{}
		if pile.Batch == id {
			want = time.UnixMilli(0x019a00000000)
		}
		if !pile.Begun.Equal(want) {
			t.Errorf("%s began at %v, not %v", pile.Batch, pile.Begun, want)
		}
	}
}

func TestOKGoesOnToTheNextLetter(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone), printed("b", "b", store.Ready), printed("c", "b", store.DeviceDone))
	if p.Selected != "a" {
		t.Fatalf("chosen: %q", p.Selected)
	}
	p.Select("c")
	p.OK()
	p.OK() // the key is held down
	loop.Until(func() bool { return !p.Deciding })
	if p.Selected != "a" {
		t.Errorf("after the last row: %q", p.Selected)
	}
	p.OK()
	loop.Until(func() bool { return !p.Deciding })
	if diff := cmp.Diff([]station.Decision{{Job: "c", Verdict: station.VerdictOK}, {Job: "a", Verdict: station.VerdictOK}}, s.Decided()); diff != "" {
		t.Errorf("decided (-want +got):\n%s", diff)
	}
	p.OK()
	p.Reprint()
	if p.Deciding || p.Ask != nil {
		t.Error("something is decided although no letter waits")
	}
}

func TestReprintNeedsAReasonAndTheSheetsDestroyed(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.Uncertain))
	p.Reprint()
	if p.Ask == nil || p.Ask.Ready() || p.Ask.Second {
		t.Fatalf("the question is %+v", p.Ask)
	}
	p.Answer()
	p.Because("no such reason")
	p.SetDestroyed(true)
	p.Answer()
	if p.Deciding {
		t.Fatal("it was decided without a reason")
	}
	p.Because("jam")
	p.SetDestroyed(false)
	p.Answer()
	if p.Deciding {
		t.Fatal("it was decided although nobody said that the sheets are destroyed")
	}
	p.SetDestroyed(true)
	p.Answer()
	loop.Until(func() bool { return !p.Deciding })
	if diff := cmp.Diff([]station.Decision{{Job: "a", Verdict: station.VerdictReprint, Reason: "jam", Destroyed: true}}, s.Decided()); diff != "" {
		t.Errorf("decided (-want +got):\n%s", diff)
	}
	if p.Ask != nil {
		t.Error("the question is still open")
	}
	show(p, s, loop)
	if diff := cmp.Diff([]string{"a"}, p.Rest()); diff != "" || p.Pile.Kind != viewmodel.PileBatch {
		t.Errorf("it is not printed again with %v (-want +got):\n%s", p.Pile, diff)
	}
}

// TestTakenBackIsOnlyDestroyed covers a letter with an order on it.
func TestTakenBackIsOnlyDestroyed(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone, takenBack), printed("b", "b", store.DeviceDone))
	if p.Pile.Kind != viewmodel.PileOrders {
		t.Fatalf("in sight: %v", p.Pile)
	}
	p.OK()
	p.Reprint()
	if p.Deciding || p.Ask != nil {
		t.Fatal("a letter that was taken back can be kept")
	}
	p.Pull()
	p.Answer()
	if p.Deciding {
		t.Fatal("it was decided although nobody said that the sheets are destroyed")
	}
	p.SetDestroyed(true)
	p.Answer()
	loop.Until(func() bool { return !p.Deciding })
	if diff := cmp.Diff([]station.Decision{{Job: "a", Verdict: station.VerdictPull, Reason: "order", Destroyed: true}}, s.Decided()); diff != "" {
		t.Errorf("decided (-want +got):\n%s", diff)
	}
	show(p, s, loop)
	p.Pull()
	for _, r := range p.Ask.Reasons {
		if r == "order" {
			t.Error("a letter that nobody took back can be pulled for an order")
		}
	}
}

// second opens the question about a registered letter up to the second person.
func second(t *testing.T) (*viewmodel.Press, *uitest.Station, *uitest.Loop) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone, registered))
	p.Reprint()
	p.Because("damaged")
	p.SetDestroyed(true)
	p.Answer()
	if p.Deciding || p.Ask.Step != viewmodel.StepSecond {
		t.Fatalf("registered mail is reprinted by one person: %+v", p.Ask)
	}
	loop.Until(func() bool { return !p.Ask.Consent.Loading })
	return p, s, loop
}

func TestRegisteredReprintNeedsASecondPerson(t *testing.T) {
	p, s, loop := second(t)
	for _, person := range p.Ask.Consent.People {
		if person.Pseudonym == "p-1" {
			t.Error("the person at work is offered as the second one")
		}
	}
	early := []byte("2468")
	p.Approve(early)
	if p.Deciding || early[0] != 0 {
		t.Fatalf("nobody was named: deciding %v, PIN left %q", p.Deciding, early)
	}
	p.Ask.Consent.Choose(1)
	wrong := []byte("1111")
	p.Approve(wrong)
	loop.Until(func() bool { return !p.Deciding })
	if p.Ask == nil || p.Ask.Consent.Fault == nil || p.Ask.Consent.Fault.Code != station.WrongPIN || wrong[0] != 0 {
		t.Fatalf("after a wrong PIN: %+v, PIN left %q", p.Ask, wrong)
	}
	p.Ask.Consent.Choose(0)
	if p.Ask.Consent.Fault != nil {
		t.Error("somebody else's wrong PIN is still shown")
	}
	right := []byte("2468")
	p.Approve(right)
	loop.Until(func() bool { return !p.Deciding })
	if p.Ask != nil || len(s.Decided()) != 1 || right[0] != 0 {
		t.Errorf("the right PIN: question %+v, decided %v, PIN left %q", p.Ask, s.Decided(), right)
	}
	if s.Snapshot().Person.Pseudonym != "p-1" {
		t.Error("the first person was logged off")
	}
}

func TestBackGoesOneStep(t *testing.T) {
	p, _, _ := second(t)
	if !p.Back() || p.Ask == nil || p.Ask.Step != viewmodel.StepReason || p.Ask.Reason != "damaged" {
		t.Fatalf("back from the second person: %+v", p.Ask)
	}
	if !p.Back() || p.Ask != nil || p.Back() {
		t.Errorf("back from the reason: %+v", p.Ask)
	}
}

// TestAQuestionEndsWithWhatItWasAbout: the letter is decided or taken back
// while somebody thinks.
func TestAQuestionEndsWithWhatItWasAbout(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone), printed("b", "b", store.DeviceDone))
	p.Reprint()
	show(p, s, loop)
	if p.Ask == nil {
		t.Fatal("a newer snapshot closed the question")
	}
	s.Change(func(c *station.Snapshot) { c.Jobs[0].Order = "cancel" })
	show(p, s, loop)
	if p.Ask != nil {
		t.Error("the letter was taken back and can still be reprinted")
	}
	p.Select("b")
	p.Reprint()
	p.Select("a")
	if p.Ask != nil {
		t.Error("the question is about another letter than the chosen one")
	}
}

func TestFaultsOfDecisions(t *testing.T) {
	p, s, loop := atPress(t, printed("a", "b", store.DeviceDone))
	s.Fail("decide", &station.Fault{Code: station.JournalBroken, Err: errors.New("hash")})
	p.OK()
	loop.Until(func() bool { return !p.Deciding })
	if p.Fault == nil || p.Fault.Code != station.JournalBroken || p.Selected != "a" {
		t.Fatalf("fault %v, chosen %q", p.Fault, p.Selected)
	}
	p.Pull()
	p.Because("content")
	p.SetDestroyed(true)
	p.Answer()
	loop.Until(func() bool { return !p.Deciding })
	if p.Ask == nil || p.Ask.Fault == nil || p.Fault != nil {
		t.Errorf("the fault is not with the question: %+v, %v", p.Ask, p.Fault)
	}
}
