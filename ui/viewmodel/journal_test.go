package viewmodel_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"

	"github.com/google/go-cmp/cmp"
)

// thursday is when the tests look at the journal.
var thursday = time.Date(2026, 11, 26, 17, 30, 0, 0, time.UTC)

// office is a journal with somebody before it.
type office struct {
	*viewmodel.Journal
	t    *testing.T
	at   *uitest.Station
	book *uitest.Book
	loop *uitest.Loop
}

func newOffice(t *testing.T, person, days int) *office {
	loop := uitest.NewLoop(t, 1024)
	s, b := uitest.NewStation(uitest.People(), nil), uitest.NewBook(days, thursday)
	s.Book(b)
	s.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[person] })
	j := viewmodel.NewJournal(s, s, loop.Post, func() time.Time { return thursday })
	t.Cleanup(j.Close)
	j.Show(s.Snapshot())
	return &office{j, t, s, b, loop}
}

func (o *office) settle() {
	o.t.Helper()
	o.loop.Until(func() bool { return !o.Loading && !o.Opening && !o.Verifying && !o.Exporting })
}

// selected is what the book has of a filter, by the sequences, newest first.
func (o *office) selected(keep func(journal.Row) bool) (out []int64) {
	for i := len(o.book.Rows) - 1; i >= 0; i-- {
		if keep(o.book.Rows[i]) {
			out = append(out, o.book.Rows[i].Sequence)
		}
	}
	return out
}

// seen is the table from its first access to its last, as somebody sees it who
// scrolls.
func (o *office) seen() (out []int64) {
	o.t.Helper()
	for i := 0; i < o.Count(); i++ {
		o.loop.Until(func() bool { return o.Row(i) != nil || i >= o.Count() })
		if row := o.Row(i); row != nil {
			out = append(out, row.Sequence)
		}
	}
	return out
}

func (o *office) shows(what string, keep func(journal.Row) bool) {
	o.t.Helper()
	o.settle()
	want := o.selected(keep)
	if int64(len(want)) != o.Total {
		o.t.Errorf("%s: the picture counts %d of %d", what, o.Total, len(want))
	}
	if diff := cmp.Diff(want, o.seen()); diff != "" {
		o.t.Errorf("%s: -want +got\n%s", what, diff)
	}
}

func today(r journal.Row) bool { return r.Time.YearDay() == thursday.YearDay() }

func TestJournalIsReadWhenSomebodyEnters(t *testing.T) {
	o := newOffice(t, 2, 9)
	if len(o.at.Read()) != 0 || o.Loading {
		t.Error("it was read before anybody looked")
	}
	o.Enter()
	o.shows("today", today)
	o.SetPeriod(viewmodel.PeriodWeek)
	o.shows("the week", func(r journal.Row) bool { return r.Time.YearDay() > thursday.YearDay()-4 })
	o.SetPerson("p-1")
	o.shows("Anna's week", func(r journal.Row) bool { return r.Time.YearDay() > thursday.YearDay()-4 && r.Actor == "p-1" })
	if len(o.Picture.People) != 1 || len(o.People) < 3 {
		t.Errorf("the picture has %v, the legend %+v", o.Picture.People, o.People)
	}
	o.SetUnusual(true)
	o.SetPerson("")
	o.SetPeriod(viewmodel.PeriodAll)
	o.shows("all that is unusual", func(r journal.Row) bool { return len(r.Rules) > 0 })
	o.SetUnusual(false)
	o.SetPerson(journal.TheStation)
	o.shows("the station's", func(r journal.Row) bool { return r.Actor == "" })
	if !o.Clear() || o.Clear() {
		t.Error("what was chosen can't be cleared, or twice")
	}
	o.SetAction(journal.ActionFetch)
	o.shows("fetches", func(r journal.Row) bool { return r.Action == journal.ActionFetch })
}

func TestJournalIsNotForOperators(t *testing.T) {
	o := newOffice(t, 0, 2)
	o.Enter()
	o.Reload()
	o.Open(1)
	o.FindLetter("L-204154")
	o.Verify()
	o.Export(report.CSV, "/tmp/x", nil)
	if o.Permitted || o.Loading || o.Verifying || o.Exporting || len(o.at.Read()) > 0 {
		t.Errorf("an operator got in: %+v", o.at.Read())
	}
	if o.Scan("7QK2M9T4XW1RZ") {
		t.Error("the journal took an operator's scan")
	}
}

func TestJournalForgetsWhenSomebodyLeaves(t *testing.T) {
	o := newOffice(t, 2, 2)
	o.Enter()
	o.settle()
	o.Open(o.Row(0).Sequence)
	o.settle()
	o.at.Change(func(c *station.Snapshot) { c.Person = &uitest.People()[0] })
	o.Show(o.at.Snapshot())
	if o.Count() > 0 || o.Detail != nil || len(o.People) > 0 || o.Total > 0 || o.Ready || o.Permitted {
		t.Error("the next person sees what was read")
	}
}

// TestJournalLateAnswersAreDropped: the newest question wins.
func TestJournalLateAnswersAreDropped(t *testing.T) {
	o := newOffice(t, 2, 3)
	o.Enter()
	o.settle()
	for _, who := range []string{"p-1", "p-2", "", "p-2"} {
		o.SetPerson(who)
	}
	o.shows("the last choice", func(r journal.Row) bool { return today(r) && r.Actor == "p-2" })
}

// TestJournalFindsALetter by its id, by a code that is scanned and by one that
// is typed: the letters that are typed on the way are no questions.
func TestJournalFindsALetter(t *testing.T) {
	o := newOffice(t, 2, 5)
	o.Enter()
	o.settle()
	var of journal.Row
	for _, r := range o.book.Rows {
		if r.Attempt != "" {
			of = r
		}
	}
	about := func(r journal.Row) bool { return r.Object == of.Object }
	o.FindLetter(of.Object)
	o.shows("by its id", about)
	o.FindLetter("")
	o.settle()
	if !o.Scan("B24:" + of.Attempt + ":1/2") {
		t.Error("a sheet's code is not taken")
	}
	o.loop.Until(func() bool { return o.Letter == of.Object })
	o.shows("by a sheet", about)
	o.FindLetter("")
	o.settle()
	read := len(o.at.Read())
	for i := range of.Attempt {
		o.TypeLetter(of.Attempt[:i+1])
	}
	o.loop.Until(func() bool { return o.Letter == of.Object })
	o.shows("by a typed code", about)
	if got := o.at.Read()[read:]; len(got) != 1 {
		t.Errorf("typing was written down as %v", got)
	}
	o.FindLetter("no letter at all")
	if o.settle(); !o.Unknown || o.Count() > 0 {
		t.Errorf("a text that is no code: unknown %v, %d rows", o.Unknown, o.Count())
	}
	if o.Scan("5410076123454") {
		t.Error("another code is taken for a letter's")
	}
}

func TestJournalOneBarAlone(t *testing.T) {
	o := newOffice(t, 2, 3)
	o.Enter()
	o.settle()
	ten := func(r journal.Row) bool { return today(r) && r.Time.Hour() == 10 }
	o.SetBar(10)
	o.settle()
	if o.Count() != len(o.selected(ten)) || o.Total != int64(len(o.selected(today))) || len(o.Picture.Bars) != 24 {
		t.Errorf("%d rows of %d, %d bars", o.Count(), o.Total, len(o.Picture.Bars))
	}
	if !o.Clear() || o.Bar != -1 {
		t.Error("the bar stays chosen")
	}
	o.SetBar(99)
	if o.Bar != -1 {
		t.Error("a bar that is not there is chosen")
	}
}

func TestJournalOpensAndConcludes(t *testing.T) {
	o := newOffice(t, 2, 3)
	o.SetPeriod(viewmodel.PeriodAll)
	o.SetUnusual(true)
	o.Enter()
	o.settle()
	open := func(r journal.Row) bool { return len(r.Rules) > 0 && r.Conclusion == nil }
	unsolved := o.Unsolved
	if want := len(o.selected(open)); unsolved != int64(want) || want == 0 {
		t.Fatalf("%d findings of %d", unsolved, want)
	}
	finding := o.selected(open)[0]
	o.Open(finding)
	o.settle()
	if o.Detail == nil || o.Detail.Row.Sequence != finding || !o.CanConclude() || o.Selected != finding {
		t.Fatalf("open is %+v", o.Detail)
	}
	o.Conclude(review.Explained)
	o.settle()
	if o.Fault != nil || o.CanConclude() || o.Row(o.At()).Conclusion == nil || o.Unsolved != unsolved-1 {
		t.Errorf("after the conclusion: %v, %d findings, %+v", o.Fault, o.Unsolved, o.Row(o.At()))
	}
	if !o.Shut() || o.Shut() || o.Detail != nil {
		t.Error("it does not shut, or twice")
	}
	o.Open(9999)
	o.settle()
	if o.Fault == nil || o.Detail != nil {
		t.Error("an entry that is not there opened")
	}
}

func TestJournalVerifies(t *testing.T) {
	o := newOffice(t, 2, 1)
	o.Verify()
	seen := 0
	o.Changed = func() { seen++ }
	o.settle()
	if seen < o.book.Steps || !o.Verified || !o.Status.VerifiedAt.After(thursday.Add(-9000*time.Hour)) || o.Progress.Done == 0 {
		t.Errorf("%d steps seen, verified %v, %+v", seen, o.Verified, o.Status)
	}
	o.at.Delay = time.Minute
	o.Verify()
	if !o.StopVerifying() {
		t.Error("it can't be stopped")
	}
	if o.settle(); o.Verified || o.Fault != nil || o.StopVerifying() {
		t.Errorf("stopped: verified %v, %v", o.Verified, o.Fault)
	}
	o.at.Delay = 0
	o.book.Status.Broken = errors.New("at entry 12")
	o.Verify()
	if o.settle(); o.Fault == nil || o.Fault.Code != station.JournalBroken || o.Status.Broken == nil {
		t.Errorf("a broken journal: %v", o.Fault)
	}
}

func TestJournalExportsWhatIsSelected(t *testing.T) {
	o := newOffice(t, 2, 2)
	o.Enter()
	o.SetPerson("p-2")
	o.Export(report.PDF, "/somewhere/journal.pdf", nil)
	o.settle()
	want := len(o.selected(func(r journal.Row) bool { return today(r) && r.Actor == "p-2" }))
	if o.Exported == nil || o.Exported.Accesses != int64(want) || !strings.HasSuffix(o.Exported.Note, ".pdf.note") {
		t.Errorf("%d wanted: %+v", want, o.Exported)
	}
	o.at.Fail("export", &station.Fault{Code: station.DiskFull})
	o.Export(report.CSV, "/somewhere/journal.csv", nil)
	if o.settle(); o.Fault == nil || o.Fault.Code != station.DiskFull || o.Exported != nil {
		t.Errorf("on a full disk: %v, %+v", o.Fault, o.Exported)
	}
	o.Dismiss()
	if o.Fault != nil {
		t.Error("the fault stays")
	}
}

func TestJournalNewEntriesAreTold(t *testing.T) {
	o := newOffice(t, 2, 1)
	o.Enter()
	o.settle()
	if o.Newer != 0 {
		t.Errorf("%d new ones at once", o.Newer)
	}
	o.book.Status.Entries += 3
	o.Show(o.at.Snapshot())
	if o.Newer != 3 {
		t.Errorf("%d new ones", o.Newer)
	}
	o.Reload()
	if o.settle(); o.Newer != 0 {
		t.Errorf("%d new ones after reading", o.Newer)
	}
}
