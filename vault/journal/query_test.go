package journal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"espero-soft.com/printroom/vault/journal/verify"
)

// usual are working hours that do not depend on the machine.
func usual() WorkingHours { return WorkingHours{Zone: time.UTC}.orUsual() }

// model answers the same questions as the index by reading all entries each
// time, the rules as docs/journal.md has them.
type model struct{ rows []Row }

func modelOf(t rapid.TB, j *Journal) *model {
	t.Helper()
	entries, err := j.Entries(context.Background(), j.Start().Size, maxEntries)
	if err != nil {
		t.Fatal(err)
	}
	var all []verify.Entry
	for _, b := range entries {
		e, err := verify.ParseEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e)
	}
	m := &model{}
	for _, e := range all {
		if e.Kind() != verify.KindResult {
			m.rows = append(m.rows, shown(e, all))
		}
	}
	for i := range m.rows {
		m.rows[i].Rules = m.rules(&m.rows[i], all)
	}
	return m
}

func shown(e verify.Entry, all []verify.Entry) Row {
	r := Row{Sequence: e.Sequence, Time: e.Time, Actor: e.Actor, Action: Action(e.Action), Object: e.Object,
		Attempt: e.Attempt, Reason: e.Reason, Outcome: Outcome(e.Outcome), Counter: e.Counter}
	if e.Kind() == verify.KindRecord {
		r.Result, r.Ended = e.Sequence, e.Time
	}
	for _, o := range all {
		if o.Intent == e.Sequence {
			r.Result, r.Ended, r.Outcome = o.Sequence, o.Time, Outcome(o.Outcome)
			r.Reason = cmp.Or(o.Reason, r.Reason)
		}
		if o.Action == string(ActionConclude) && o.Outcome == string(OutcomeDone) &&
			o.Object == fmt.Sprintf("entry-%d", e.Sequence) && o.Sequence > e.Sequence {
			r.Conclusion = &Conclusion{Sequence: o.Sequence, Time: o.Time, Actor: o.Actor, Reason: o.Reason}
		}
	}
	return r
}

// reached is the first entry after the one of that sequence that was written
// at the time or later, MaxInt64 when there is none.
func reached(all []verify.Entry, after int64, at time.Time) int64 {
	for _, e := range all {
		if e.Sequence > after && !e.Time.Before(at) {
			return e.Sequence
		}
	}
	return math.MaxInt64
}

func (m *model) rules(r *Row, all []verify.Entry) (rules []Rule) {
	end := r.Result
	if end == 0 {
		end = math.MaxInt64
	}
	if r.Result != r.Sequence && reached(all, r.Sequence, r.Time.Add(ResultWithin)) < math.MaxInt64 && r.Result == 0 {
		rules = append(rules, RuleNoResult)
	}
	if m.streak(r) >= MaxFailed {
		rules = append(rules, RuleFailed)
	}
	if r.Action == ActionPreview && r.Outcome == OutcomeDone && r.Object != "" &&
		reached(all, end, r.Ended.Add(ViewedFor)) < math.MaxInt64 && len(m.prints(r.Object)) == 0 {
		rules = append(rules, RuleViewed)
	}
	if p := m.prints(r.Object); r.Object != "" && slices.Index(p, r.Sequence) >= MaxPrints {
		rules = append(rules, RuleReprint)
	}
	day := r.Time.Weekday()
	if r.Actor != "" && r.Action != ActionLock &&
		(r.Time.Hour() < 6 || r.Time.Hour() >= 20 || day == time.Saturday || day == time.Sunday) {
		rules = append(rules, RuleHours)
	}
	return rules
}

// byEnd are the finished accesses in the order of their ends.
func (m *model) byEnd() []Row {
	rows := slices.DeleteFunc(slices.Clone(m.rows), func(r Row) bool { return r.Result == 0 })
	slices.SortFunc(rows, func(a, b Row) int { return cmp.Compare(a.Result, b.Result) })
	return rows
}

func (m *model) streak(r *Row) (n int) {
	failed := r.Outcome == OutcomeFailed || r.Outcome == OutcomeRefused
	if r.Actor == "" || !failed {
		return 0
	}
	for _, o := range m.byEnd() {
		switch {
		case o.Actor != r.Actor || o.Result > r.Result:
		case o.Outcome == OutcomeDone:
			n = 0
		case o.Outcome == OutcomeFailed || o.Outcome == OutcomeRefused:
			n++
		}
	}
	return n
}

// prints are the letter's printings in the order of their ends.
func (m *model) prints(object string) (sequences []int64) {
	for _, o := range m.byEnd() {
		if o.Object == object && o.Action == ActionPrint && (o.Outcome == OutcomeDone || o.Outcome == OutcomeUncertain) {
			sequences = append(sequences, o.Sequence)
		}
	}
	return sequences
}

func (m *model) list(f Filter, before int64, limit int) (out []Row) {
	for _, r := range slices.Backward(m.rows) {
		if (before == 0 || r.Sequence < before) && selects(f, r) && len(out) < limit {
			out = append(out, r)
		}
	}
	return out
}

func selects(f Filter, r Row) bool {
	return (f.Actor == "" || f.Actor == r.Actor || f.Actor == TheStation && r.Actor == "") &&
		(f.Object == "" || f.Object == r.Object) && (f.Action == "" || f.Action == r.Action) &&
		(f.From.IsZero() || !r.Time.Before(f.From)) && (f.To.IsZero() || r.Time.Before(f.To)) &&
		(!f.Unusual || len(r.Rules) > 0)
}

func (m *model) hours(f Filter) (out []Hour) {
	for _, r := range m.rows {
		if !selects(f, r) {
			continue
		}
		start := r.Time.Truncate(time.Hour)
		i := slices.IndexFunc(out, func(h Hour) bool { return h.Start.Equal(start) && h.Actor == r.Actor })
		if i < 0 {
			i = len(out)
			out = append(out, Hour{Start: start, Actor: r.Actor})
		}
		out[i].Accesses++
		out[i].Unusual += one(len(r.Rules) > 0)
		out[i].Open += one(len(r.Rules) > 0 && r.Conclusion == nil)
	}
	slices.SortFunc(out, func(a, b Hour) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Actor, b.Actor)) })
	return out
}

// story writes random accesses of a few people about a few letters, the clock
// going on by anything from nothing to a day, and back now and then.
func story(t *rapid.T, j *Journal, now *time.Time, open *[]Permit, steps int) {
	ctx := context.Background()
	outcomes := rapid.SampledFrom([]Outcome{OutcomeDone, OutcomeDone, OutcomeFailed, OutcomeRefused, OutcomeUncertain, OutcomeCancelled})
	fatal := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range steps {
		*now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 7, 12, 20, 40, 90, 600, 1500, -30}).Draw(t, "minutes")) * time.Minute)
		a := Access{
			Actor:  rapid.SampledFrom([]string{"", "p-1", "p-1", "p-2"}).Draw(t, "actor"),
			Object: rapid.SampledFrom([]string{"job-1", "job-1", "job-2", "job-3"}).Draw(t, "object"),
			Action: rapid.SampledFrom([]Action{ActionPreview, ActionPrint, ActionPrint, ActionUnlock, ActionLock, ActionReceipt}).Draw(t, "action"),
		}
		switch k := rapid.IntRange(0, 9).Draw(t, "kind"); {
		case k < 4:
			a.Attempt = rapid.SampledFrom([]string{"", "0123456789ABX"}).Draw(t, "attempt")
			p, err := j.Intent(ctx, a)
			fatal(err)
			*open = append(*open, p)
		case k < 7 && len(*open) > 0:
			i := rapid.IntRange(0, len(*open)-1).Draw(t, "intent")
			fatal(j.ResultFor(ctx, (*open)[i], outcomes.Draw(t, "outcome"), rapid.SampledFrom([]string{"", "jam"}).Draw(t, "reason")))
			*open = slices.Delete(*open, i, i+1)
		case k == 7:
			n := rapid.Int64Range(1, j.Size()+3).Draw(t, "of")
			fatal(j.Record(ctx, Access{Actor: a.Actor, Action: ActionConclude, Object: EntryObject(n), Reason: "checked"}, OutcomeDone))
		default:
			fatal(j.Record(ctx, a, outcomes.Draw(t, "outcome")))
		}
	}
}

// drawFilter selects near what there is: bounds on an hour, on an entry's own
// time, and beside it.
func drawFilter(t *rapid.T, m *model) (f Filter) {
	f.Actor = rapid.SampledFrom([]string{"", "", "p-1", "p-2", TheStation, "p-9"}).Draw(t, "by")
	f.Object = rapid.SampledFrom([]string{"", "", "", "job-1", "job-9"}).Draw(t, "about")
	f.Action = rapid.SampledFrom([]Action{"", "", ActionPrint, ActionPreview, ActionExport}).Draw(t, "what")
	f.Unusual = rapid.Bool().Draw(t, "unusual")
	at := func(label string) time.Time {
		if len(m.rows) == 0 || rapid.Bool().Draw(t, "no "+label) {
			return time.Time{}
		}
		near := m.rows[rapid.IntRange(0, len(m.rows)-1).Draw(t, label)].Time
		if rapid.Bool().Draw(t, label+" on the hour") {
			return near.Truncate(time.Hour)
		}
		return near.Add(time.Duration(rapid.SampledFrom([]int{0, 1, -1, 20, -20}).Draw(t, label+" beside")) * time.Minute)
	}
	f.From, f.To = at("from"), at("to")
	return f
}

func askModel(t *rapid.T, j *Journal) {
	ctx := context.Background()
	m := modelOf(t, j)
	f := drawFilter(t, m)
	check := func(what string, want, got any, err error) {
		t.Helper()
		if diff := gocmp.Diff(want, got); diff != "" || err != nil {
			t.Fatalf("%s of %+v: %v\n-want +got\n%s", what, f, err, diff)
		}
	}
	limit := rapid.IntRange(1, 30).Draw(t, "limit")
	var pages []Row
	for before := int64(0); ; {
		rows, err := j.List(ctx, f, before, limit)
		check("a page", m.list(f, before, limit), rows, err)
		pages = append(pages, rows...)
		if len(rows) < limit {
			break
		}
		before = rows[len(rows)-1].Sequence
	}
	slices.Reverse(pages)
	forward, err := j.Since(ctx, f, 0, MaxRows)
	check("the other way", pages, forward, err)
	hours, err := j.Hours(ctx, f)
	check("the hours", m.hours(f), hours, err)
	about, err := j.About(ctx, "job-1")
	want := m.list(Filter{Object: "job-1"}, 0, MaxRows)
	slices.Reverse(want)
	check("all about a letter", want, about, err)
	for _, want := range m.rows {
		for _, s := range []int64{want.Sequence, want.Result} {
			if s > 0 {
				got, err := j.Read(ctx, s)
				check("one access", want, got, err)
			}
		}
	}
}

func TestObjectOfAnAttempt(t *testing.T) {
	ctx := context.Background()
	j := newRoom(t).whole(t)
	if _, err := j.Intent(ctx, Access{Actor: "p-1", Object: "job-12", Attempt: "0123456789ABX", Action: ActionPrint}); err != nil {
		t.Fatal(err)
	}
	for attempt, want := range map[string]string{"0123456789ABX": "job-12", "0123456789ABZ": "", "": ""} {
		if got, err := j.ObjectOf(ctx, attempt); err != nil || got != want {
			t.Errorf("%q is of %q, %v", attempt, got, err)
		}
	}
	if _, err := j.Read(ctx, 7); !errors.Is(err, ErrRange) {
		t.Errorf("an entry that is not there: %v", err)
	}
}
