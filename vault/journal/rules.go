package journal

import (
	"fmt"
	"slices"
	"time"
)

// Rule names what is unusual about an access. docs/journal.md says when each
// fires; all of them follow from the entries alone.
type Rule string

// The rules.
const (
	RuleViewed   Rule = "viewed_not_printed" // shown, and not printed within ViewedFor
	RuleReprint  Rule = "reprinted_often"    // the printing after the MaxPrints-th of one letter, or a later one
	RuleHours    Rule = "outside_hours"      // a person's, outside the working hours
	RuleFailed   Rule = "failed_in_a_row"    // a person's MaxFailed-th failure in a row, or a later one
	RuleNoResult Rule = "no_result"          // an intent without a result after ResultWithin
)

// What the rules compare with.
const (
	ViewedFor    = 24 * time.Hour
	ResultWithin = time.Hour
	MaxPrints    = 2
	MaxFailed    = 3
)

// AllRules lists the rules in the order in which they are shown.
func AllRules() []Rule {
	return []Rule{RuleNoResult, RuleFailed, RuleViewed, RuleReprint, RuleHours}
}

// ruleSet has a bit for each rule, by its place in AllRules.
type ruleSet int64

func bit(r Rule) ruleSet { return 1 << slices.Index(AllRules(), r) }

func (s ruleSet) rules() []Rule {
	var out []Rule
	for _, r := range AllRules() {
		if s&bit(r) != 0 {
			out = append(out, r)
		}
	}
	return out
}

// WorkingHours are the hours and days at which people work, in a zone.
type WorkingHours struct {
	From, To int // hours of the day, From ≤ h < To
	Days     []time.Weekday
	Zone     *time.Location // nil for the station's own
}

func (w WorkingHours) orUsual() WorkingHours {
	if w.From == 0 && w.To == 0 {
		w.From, w.To = 6, 20
	}
	if w.Days == nil {
		w.Days = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	if w.Zone == nil {
		w.Zone = time.Local
	}
	return w
}

// outside tells whether nobody works then.
func (w WorkingHours) outside(at time.Time) bool {
	at = at.In(w.Zone)
	return at.Hour() < w.From || at.Hour() >= w.To || !slices.Contains(w.Days, at.Weekday())
}

// mark names the hours and the index's form: one made for others is made again.
func (w WorkingHours) mark() string {
	_, winter := time.Unix(0, 0).In(w.Zone).Zone()
	_, summer := time.Unix(15_552_000, 0).In(w.Zone).Zone()
	return fmt.Sprintf("2 %d-%d %v %s %d %d", w.From, w.To, w.Days, w.Zone, winter, summer)
}

// personal tells whether an access counts as a person's act. A lock does not: it
// falls by itself.
func personal(actor string, a Action) bool { return actor != "" && a != ActionLock }
