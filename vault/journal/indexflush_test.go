package journal

import (
	"testing"
)

// TestChangesThatEvenOut: where one access stops being unusual in the batch in
// which another one of the same hour, person and action begins to be, the counts
// stay as they were.
func TestChangesThatEvenOut(t *testing.T) {
	tally, hours := make(map[tallyKey]tallyChange), make(map[int64]span)
	ended := &accessRow{sequence: 16, actor: 1, action: 3, stored: true, wasUnusual: true}
	viewed := &accessRow{sequence: 22, actor: 1, action: 3, stored: true, rules: bit(RuleViewed)}
	for _, r := range []*accessRow{ended, viewed} {
		r.add(tally, hours)
	}
	if len(tally) > 0 {
		t.Errorf("the counts change by %v", tally)
	}
}
