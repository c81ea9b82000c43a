package screens

import (
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// TestJournalHasAWordForEveryCode, in every language, on the window and on
// paper.
func TestJournalHasAWordForEveryCode(t *testing.T) {
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, a := range journal.Actions() {
		keys = append(keys, "action."+string(a))
	}
	for _, o := range journal.Outcomes() {
		keys = append(keys, "outcome."+string(o))
	}
	for _, r := range journal.AllRules() {
		keys = append(keys, "rule."+string(r), "rule."+string(r)+".about")
	}
	for _, r := range review.Reasons() {
		keys = append(keys, "conclusion."+string(r))
	}
	for _, f := range report.Formats() {
		keys = append(keys, "reason."+string(f), "export.about."+string(f))
	}
	for _, p := range viewmodel.Periods() {
		keys = append(keys, "period."+string(p))
	}
	for _, u := range []report.Unit{report.PerHour, report.PerDay, report.PerMonth} {
		keys = append(keys, "per."+string(u))
	}
	for _, c := range journalColumns() {
		keys = append(keys, "column."+c.Key)
	}
	for _, tag := range language.Tags() {
		for _, key := range append(keys, report.Keys()...) {
			if !texts.In(tag).Has("journal." + key) {
				t.Errorf("%s: there is no journal.%s", tag, key)
			}
		}
	}
}
