package uitest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// NewBook is the journal of so many days of work that end now, the same one
// every time: people unlock, claim, look at letters, print and envelope them;
// now and then something is unusual.
func NewBook(days int, now time.Time) *Book {
	w := &bookWriter{dice: rand.New(rand.NewPCG(7, 11)), now: now}
	y, m, d := now.Date()
	for day := range days {
		start := time.Date(y, m, d-days+1+day, 0, 0, 0, 0, now.Location())
		w.day(start, day == days-1)
	}
	last := w.sequence
	return &Book{Rows: w.rows, Months: w.months(last - 3), Steps: 40, Status: journal.Status{
		Entries: last, Signed: last - 1, SignedAt: now.Add(-time.Minute), Sealed: last - 3, SealedAt: now.Add(-4 * time.Minute),
		Verified: last - 9, VerifiedAt: now.Add(-3 * time.Hour),
	}}
}

// months are those of the entries up to the last one that is countersigned.
func (w *bookWriter) months(sealed int64) (out []journal.Shard) {
	for _, r := range w.rows {
		y, m, _ := r.Time.Date()
		first := time.Date(y, m, 1, 0, 0, 0, 0, time.UTC)
		if n := len(out); n == 0 || !out[n-1].Month.Equal(first) {
			out = append(out, journal.Shard{Month: first, First: r.Sequence})
		}
		s := &out[len(out)-1]
		s.Last, s.SealedAt = min(max(r.Sequence, r.Result), sealed), r.Time
	}
	return out
}

type bookWriter struct {
	dice     *rand.Rand
	now      time.Time
	rows     []journal.Row
	sequence int64
	letters  int
}

func (w *bookWriter) day(start time.Time, today bool) {
	if d := start.Weekday(); (d == time.Saturday || d == time.Sunday) && !today {
		return
	}
	for hour := 7; hour < 18; hour++ {
		busy := []int{4, 9, 12, 14, 11, 5, 6, 13, 16, 12, 4}[hour-7]
		for n := range busy + w.dice.IntN(6) {
			at := start.Add(time.Duration(hour)*time.Hour + time.Duration(n*2)*time.Minute + time.Duration(w.dice.IntN(90))*time.Second)
			if at.After(w.now) {
				return
			}
			w.letter(at, "p-"+string('1'+rune((hour*7+n)%9%2)), hour == 12 && n == 3)
		}
	}
	if w.dice.IntN(4) == 0 && !today {
		w.add(journal.Row{Time: start.Add(22*time.Hour + 14*time.Minute), Actor: "p-2", Action: journal.ActionUnlock, Outcome: journal.OutcomeDone,
			Rules: []journal.Rule{journal.RuleHours}})
	}
}

// letter is one letter's part in a minute.
func (w *bookWriter) letter(at time.Time, actor string, odd bool) {
	w.letters++
	r := journal.Row{
		Time: at, Actor: actor, Object: fmt.Sprintf("L-%06d", 204117+w.letters%400*37),
		Attempt: string(code(w.letters % 400)), Outcome: journal.OutcomeDone,
	}
	switch k := w.dice.IntN(12); {
	case odd:
		r.Action, r.Rules, r.Pages = journal.ActionPreview, []journal.Rule{journal.RuleViewed}, journal.Pages(1, 3)
		if w.dice.IntN(2) == 0 {
			r.Conclusion = &journal.Conclusion{Sequence: 1, Time: at.Add(26 * time.Hour), Actor: "p-3", Reason: "explained"}
		}
	case k == 0:
		r.Action, r.Actor, r.Attempt = journal.ActionFetch, "", ""
	case k == 1:
		r.Action, r.Pages = journal.ActionPreview, journal.Pages(2, 2+w.letters%4)
	case k < 7:
		r.Action = journal.ActionPrint
	case k < 9:
		r.Action = journal.ActionConfirm
	case k == 9 && w.dice.IntN(9) == 0:
		r.Action, r.Outcome, r.Object, r.Attempt, r.Reason = journal.ActionUnlock, journal.OutcomeFailed, "", "", "wrong_pin"
		r.Rules = []journal.Rule{journal.RuleFailed}
	case k == 10 && w.dice.IntN(12) == 0:
		r.Action, r.Outcome, r.Rules = journal.ActionPrint, "", []journal.Rule{journal.RuleNoResult}
	case k == 11 && w.dice.IntN(9) == 0:
		r.Action, r.Outcome, r.Rules = journal.ActionPrint, journal.OutcomeUncertain, []journal.Rule{journal.RuleReprint}
	default:
		r.Action = journal.ActionEnvelope
	}
	w.add(r)
}

func (w *bookWriter) add(r journal.Row) {
	w.sequence++
	r.Sequence, r.Time = w.sequence, r.Time.UTC().Truncate(time.Millisecond)
	switch {
	case r.Outcome == "":
	case r.Action == journal.ActionPrint || r.Action == journal.ActionPreview:
		w.sequence++
		r.Result, r.Ended = w.sequence, r.Time.Add(time.Duration(800+w.dice.IntN(4000))*time.Millisecond)
	default:
		r.Result, r.Ended = r.Sequence, r.Time
	}
	w.rows = append(w.rows, r)
}
