package viewmodel_test

import (
	"crypto/rand"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
)

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 0, 0, 0, 0, time.UTC) }

// TestJournalTimesByWord: the bounds of each word on a Thursday.
func TestJournalTimesByWord(t *testing.T) {
	o := newOffice(t, 2, 40)
	o.Enter()
	for p, want := range map[viewmodel.Period][2]time.Time{
		viewmodel.PeriodToday:     {day(11, 26), day(11, 27)},
		viewmodel.PeriodYesterday: {day(11, 25), day(11, 26)},
		viewmodel.PeriodWeek:      {day(11, 23), day(11, 30)},
		viewmodel.PeriodMonth:     {day(10, 28), day(11, 27)},
		viewmodel.PeriodAll:       {},
	} {
		o.SetPeriod(p)
		from, to := o.Bounds()
		if !from.Equal(want[0]) || !to.Equal(want[1]) {
			t.Errorf("%s is from %v to %v", p, from, to)
		}
		o.shows(string(p), func(r journal.Row) bool {
			return want[0].IsZero() || !r.Time.Before(want[0]) && r.Time.Before(want[1])
		})
	}
}

// TestJournalTypedTimes: days, hours and minutes as people of four languages
// write them, both ends included.
func TestJournalTypedTimes(t *testing.T) {
	o := newOffice(t, 2, 3)
	minute := func(d, h, m int) time.Time {
		return day(11, d).Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
	}
	for _, c := range []struct {
		from, to string
		want     [2]time.Time
		fault    viewmodel.SpanFault
	}{
		{"25.11.2026", "", [2]time.Time{day(11, 25), day(11, 26)}, ""},
		{"25/11", "26/11", [2]time.Time{day(11, 25), day(11, 27)}, ""},
		{" 2026-11-02 ", "4-11-26", [2]time.Time{day(11, 2), day(11, 5)}, ""},
		{"31.12.", "", [2]time.Time{time.Date(2025, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, ""},
		{"25.11. 14", "", [2]time.Time{minute(25, 14, 0), minute(25, 15, 0)}, ""},
		{"25.11. 14h30", "25.11. 15:05", [2]time.Time{minute(25, 14, 30), minute(25, 15, 6)}, ""},
		{"25.11. 9h", "", [2]time.Time{minute(25, 9, 0), minute(25, 10, 0)}, ""},
		{"", "24.11.", [2]time.Time{{}, day(11, 25)}, ""},
		{"", "", [2]time.Time{}, viewmodel.SpanFrom},
		{"31.11.", "", [2]time.Time{}, viewmodel.SpanFrom},
		{"yesterday", "", [2]time.Time{}, viewmodel.SpanFrom},
		{"25.11. 24:00", "", [2]time.Time{}, viewmodel.SpanFrom},
		{"25.11. 9 9", "", [2]time.Time{}, viewmodel.SpanFrom},
		{"25.11.", "x", [2]time.Time{}, viewmodel.SpanTo},
		{"25.11.", "24.11.", [2]time.Time{}, viewmodel.SpanOrder},
		{"99999-01-01", "", [2]time.Time{}, viewmodel.SpanFrom},
	} {
		o.SetPeriod(viewmodel.PeriodAll)
		o.TypeTimes(c.from, c.to)
		from, to := o.Bounds()
		if o.SpanFault != c.fault || !from.Equal(c.want[0]) || !to.Equal(c.want[1]) {
			t.Errorf("%q to %q: from %v to %v, %q", c.from, c.to, from, to, o.SpanFault)
		}
	}
}

// TestJournalStepsThroughTime: each step is as long as what is chosen, and today
// is where it ends.
func TestJournalStepsThroughTime(t *testing.T) {
	o := newOffice(t, 2, 3)
	step := func(by int, from, to time.Time, p viewmodel.Period) {
		t.Helper()
		o.Step(by)
		if f, u := o.Bounds(); !f.Equal(from) || !u.Equal(to) || o.Filter.Period != p {
			t.Errorf("%s: from %v to %v", o.Filter.Period, f, u)
		}
	}
	step(1, day(11, 26), day(11, 27), viewmodel.PeriodToday)
	step(-1, day(11, 25), day(11, 26), viewmodel.PeriodYesterday)
	step(-1, day(11, 24), day(11, 25), viewmodel.PeriodSpan)
	step(1, day(11, 25), day(11, 26), viewmodel.PeriodYesterday)
	o.SetPeriod(viewmodel.PeriodWeek)
	step(-1, day(11, 16), day(11, 23), viewmodel.PeriodSpan)
	step(1, day(11, 23), day(11, 30), viewmodel.PeriodWeek)
	o.TypeTimes("1.3.26", "31.3.26")
	step(-1, day(2, 1), day(3, 1), viewmodel.PeriodSpan)
	o.TypeTimes("25.11. 14", "")
	step(-1, day(11, 25).Add(13*time.Hour), day(11, 25).Add(14*time.Hour), viewmodel.PeriodSpan)
	o.SetPeriod(viewmodel.PeriodAll)
	if o.CanStep(-1) || o.CanStep(1) {
		t.Error("there is something before everything")
	}
}

// TestJournalNarrowsByThePicture: a year's month, its day, its hour, and the way
// back.
func TestJournalNarrowsByThePicture(t *testing.T) {
	o := newOffice(t, 2, 330)
	o.SetPeriod(viewmodel.PeriodAll)
	o.Enter()
	o.settle()
	bar := func(unit report.Unit, at time.Time) {
		t.Helper()
		if o.settle(); o.Picture.Unit != unit {
			t.Fatalf("the picture is per %s, want %s", o.Picture.Unit, unit)
		}
		for i, b := range o.Picture.Bars {
			if b.Start.Equal(at) {
				o.SetBar(i)
				return
			}
		}
		t.Fatalf("%v is not in the picture", at)
	}
	all := o.Count()
	bar(report.PerMonth, day(10, 1))
	bar(report.PerDay, day(10, 14))
	bar(report.PerHour, day(10, 14).Add(9*time.Hour))
	o.settle()
	hour := func(r journal.Row) bool { return r.Time.Truncate(time.Hour).Equal(day(10, 14).Add(9 * time.Hour)) }
	if o.Count() != len(o.selected(hour)) || o.Count() == 0 || o.Bar < 0 {
		t.Errorf("%d accesses in the hour, bar %d", o.Count(), o.Bar)
	}
	for _, keep := range []func(journal.Row) bool{
		func(r journal.Row) bool { return r.Time.Month() == 10 && r.Time.Day() == 14 },
		func(r journal.Row) bool { return r.Time.Month() == 10 },
	} {
		if !o.Clear() {
			t.Fatal("there is no way back")
		}
		if o.settle(); o.Count() != len(o.selected(keep)) {
			t.Errorf("%d accesses on the way back, want %d", o.Count(), len(o.selected(keep)))
		}
	}
	o.Clear()
	if o.settle(); o.Count() != all || o.Narrowed() || o.Clear() {
		t.Errorf("%d accesses of %d are back", o.Count(), all)
	}
}

// TestJournalKeepsTheTimesChosenMeanwhile: a code that is looked up and stands
// for nothing leaves the times as somebody chose them while they waited.
func TestJournalKeepsTheTimesChosenMeanwhile(t *testing.T) {
	o := newOffice(t, 2, 9)
	o.Enter()
	o.settle()
	arrived, release := o.at.Hold("letter")
	code, err := postal.NewAttemptCode(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o.FindLetter(string(code))
	<-arrived
	o.SetPeriod(viewmodel.PeriodWeek)
	release()
	o.loop.Until(func() bool { return o.Unknown })
	if o.settle(); o.Filter.Period != viewmodel.PeriodWeek {
		t.Errorf("the times are those of %s", o.Filter.Period)
	}
}
