package viewmodel_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"

	"github.com/google/go-cmp/cmp"
)

var start = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

// here is a snapshot of an unlocked station with these jobs.
func here(jobs ...station.Job) station.Snapshot {
	return station.Snapshot{Person: &uitest.People()[0], Jobs: jobs, Central: station.LampOK, PrinterName: "HP-A"}
}

func job(id string, p postal.Product, minutes int, change ...func(*station.Job)) station.Job {
	j := station.Job{ID: id, Code: postal.AttemptCode(id), Product: p, Pages: 2, Sheets: 2, Envelope: "C5", State: store.Ready,
		CutOff: start.Add(time.Duration(minutes) * time.Minute), PaidAt: start}
	for _, c := range change {
		c(&j)
	}
	return j
}

func in(s store.State) func(*station.Job) { return func(j *station.Job) { j.State = s } }

func ids(jobs []station.Job) []string {
	var out []string
	for _, j := range jobs {
		out = append(out, j.ID)
	}
	return out
}

func newQueue(t *testing.T, jobs viewmodel.Jobs) (*viewmodel.Queue, *uitest.Loop) {
	loop := uitest.NewLoop(t, 64)
	q := viewmodel.NewQueue(jobs, loop.Post)
	t.Cleanup(q.Close)
	return q, loop
}

func TestQueueSortsFiltersAndCounts(t *testing.T) {
	q, loop := newQueue(t, nil)
	q.SetWords(viewmodel.Words{State: map[store.State]string{store.Held: "retenue"}})
	q.Show(here(
		job("L-3", postal.Standard, 90), job("L-1", postal.Registered, 60), job("L-2", postal.Standard, 60),
		job("L-4", postal.Standard, 30, in(store.Held)), job("L-5", postal.Standard, 10, in(store.Dropped)),
	))
	loop.Run(1)
	check := func(what string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, ids(q.Rows)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	check("by cut-off", "L-4", "L-1", "L-2", "L-3")
	if q.Total != 4 || q.Attention != 1 {
		t.Errorf("%d letters, %d need somebody", q.Total, q.Attention)
	}
	wantGroups := []viewmodel.Group{
		{Product: postal.Standard, Letters: 3, Sheets: 6, CutOff: start.Add(30 * time.Minute)},
		{Product: postal.Registered, Letters: 1, Sheets: 2, CutOff: start.Add(60 * time.Minute)},
	}
	if diff := cmp.Diff(wantGroups, q.Groups); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	q.SortBy(viewmodel.ByCode)
	loop.Run(1)
	check("by code", "L-1", "L-2", "L-3", "L-4")
	q.SortBy(viewmodel.ByCode)
	loop.Run(1)
	check("by code, turned round", "L-4", "L-3", "L-2", "L-1")
	q.SetFilter("RETENUE l-")
	loop.Run(1)
	check("with the word of a state", "L-4")
	q.SetFilter("")
	q.SetScope(viewmodel.Scope{Product: postal.Registered})
	loop.Run(2)
	check("of a product", "L-1")
	if len(q.Next.IDs) != 1 || q.Next.Product != postal.Registered {
		t.Errorf("the next batch of the product is %+v", q.Next)
	}
}

// TestQueueDropsLateAnswers asks many times in a row: whatever order the
// answers come in, the last question's is shown.
func TestQueueDropsLateAnswers(t *testing.T) {
	q, loop := newQueue(t, nil)
	jobs := uitest.Jobs(5000, start)
	q.Show(here(jobs...))
	for i := range 20 {
		q.SetFilter(jobs[i].Code.Grouped())
	}
	q.SetFilter(strings.ToLower(jobs[0].Code.Grouped()))
	loop.Run(22)
	if diff := cmp.Diff([]string{jobs[0].ID}, ids(q.Rows)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNextBatchIsOfOneKind(t *testing.T) {
	q, loop := newQueue(t, nil)
	jobs := []station.Job{
		job("first", postal.Standard, 9), job("printed", postal.Standard, 10, in(store.Sent)),
		job("colour", postal.Standard, 10, func(j *station.Job) { j.Colour = true }),
		job("other", postal.Priority, 11), job("large", postal.Standard, 10, func(j *station.Job) { j.Envelope = "C4" }),
		job("uncertain", postal.Standard, 10, in(store.Uncertain)),
	}
	for i := range 40 {
		jobs = append(jobs, job(fmt.Sprintf("n%02d", i), postal.Standard, 20+i))
	}
	q.Show(here(jobs...))
	loop.Run(1)
	if len(q.Next.IDs) != station.BatchSize || q.Next.IDs[0] != "first" || q.Next.IDs[24] != "n23" {
		t.Errorf("the batch is %v", q.Next.IDs)
	}
	if q.Next.Sheets != 2*station.BatchSize {
		t.Errorf("the batch has %d sheets", q.Next.Sheets)
	}
}

func TestPrintIsAskedOnce(t *testing.T) {
	s := uitest.NewStation(uitest.People(), []station.Job{job("a", postal.Standard, 5)})
	q, loop := newQueue(t, s)
	q.Show(here(job("a", postal.Standard, 5)))
	loop.Run(1)
	q.Print()
	q.Print()
	if q.CanPrint() {
		t.Error("a second batch could be printed at once")
	}
	loop.Until(func() bool { return !q.Printing })
	if diff := cmp.Diff([][]string{{"a"}}, s.Printed()); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestNothingIsPrintedWithoutDecryption(t *testing.T) {
	q, loop := newQueue(t, nil)
	snap := here(job("a", postal.Standard, 5))
	snap.NoDecryption = station.JournalBroken
	q.Show(snap)
	loop.Run(1)
	q.Print()
	q.Claim()
	if q.Printing || q.Claiming {
		t.Error("it asked the station all the same")
	}
}

func TestFaultsOfClaims(t *testing.T) {
	s := uitest.NewStation(uitest.People(), nil)
	q, loop := newQueue(t, s)
	q.Show(here())
	loop.Run(1)
	s.Fail("claim", &station.Fault{Code: station.CentralDown, Err: errors.New("refused")})
	q.Claim()
	loop.Until(func() bool { return !q.Claiming })
	if q.Fault == nil || q.Fault.Code != station.CentralDown {
		t.Fatalf("the fault is %v", q.Fault)
	}
	s.Fail("claim", nil)
	q.Claim()
	loop.Until(func() bool { return !q.Claiming })
	if q.Fault != nil {
		t.Errorf("the fault stays: %v", q.Fault)
	}
}

// plainError claims with an error that is no fault.
type plainError struct{ viewmodel.Jobs }

func (plainError) Claim(context.Context) error { return errors.New("boom") }

func TestOtherErrorsAreUnexpected(t *testing.T) {
	q, loop := newQueue(t, plainError{})
	q.Show(here())
	q.Claim()
	loop.Until(func() bool { return !q.Claiming })
	if q.Fault == nil || q.Fault.Code != station.Unexpected {
		t.Errorf("the fault is %v", q.Fault)
	}
}

// TestLockForgets proves that a lock leaves nothing, not even by an answer
// that comes late.
func TestLockForgets(t *testing.T) {
	q, loop := newQueue(t, nil)
	q.Show(here(job("a", postal.Standard, 5)))
	loop.Run(1)
	q.Select("a")
	q.SetFilter("a")
	q.Show(station.Snapshot{Jobs: []station.Job{job("a", postal.Standard, 5)}})
	loop.Run(1)
	if len(q.Rows) != 0 || q.Selected != "" || q.Filter != "" || q.Total != 0 || q.Job() != nil {
		t.Errorf("something stayed: %+v", q)
	}
}

func TestAGoneGroupShowsAll(t *testing.T) {
	q, loop := newQueue(t, nil)
	q.Show(here(job("a", postal.Standard, 5), job("b", postal.Priority, 5)))
	q.SetScope(viewmodel.Scope{Product: postal.Priority})
	loop.Run(2)
	q.Show(here(job("a", postal.Standard, 5)))
	loop.Run(2)
	if diff := cmp.Diff([]string{"a"}, ids(q.Rows)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
