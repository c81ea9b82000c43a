package journal

import (
	"cmp"
	"database/sql"
	"errors"
	"math"
	"slices"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// ended is an access with the entry that has its outcome.
type ended struct {
	*accessRow
	verify.Entry
}

// letters looks again at those to which a printing among the forgotten accesses
// may have made a difference: it counts no more. Of all others that were printed
// then, nothing is left; printed knows that by the last one.
func (f *forgetting) letters() error {
	var left []string
	err := f.each("SELECT DISTINCT object FROM again WHERE sequence > ?", func(rows *sql.Rows) error {
		var object []byte
		err := rows.Scan(&object)
		left = append(left, string(object))
		return err
	}, f.start)
	if err != nil {
		return err
	}
	for _, object := range left {
		first, err := f.number("SELECT 1 FROM access INDEXED BY by_object WHERE object = ? AND sequence > ? AND sequence <= ? LIMIT 1",
			blob(object), f.old, f.start)
		if err == nil && first > 0 {
			err = f.letter(object)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// letter applies the rules about printing to what is left of a letter.
func (f *forgetting) letter(object string) error {
	sequences, err := f.ask("SELECT sequence FROM access INDEXED BY by_object WHERE object = ? AND sequence > ?", blob(object), f.start)
	if err != nil {
		return err
	}
	var all []ended
	for _, s := range sequences {
		if all, err = f.read(all, s); err != nil {
			return err
		}
	}
	byEnd(all)
	var views []ended
	var prints printings
	for _, e := range all {
		done := Outcome(e.Outcome) == OutcomeDone
		switch {
		case Action(e.Action) == ActionPreview && done:
			views = append(views, e)
		case Action(e.Action) == ActionPrint && (done || Outcome(e.Outcome) == OutcomeUncertain):
			prints = printings{prints.count + 1, max(prints.last, e.accessRow.sequence)}
			e.set(RuleReprint, prints.count > MaxPrints)
		}
	}
	f.prints[object] = prints
	if prints.count > 0 {
		return nil
	}
	for _, e := range views {
		if err := f.seen(e); err != nil {
			return err
		}
	}
	return nil
}

// seen expects a letter that was shown to be printed, or finds that it was not.
func (f *forgetting) seen(e ended) error {
	at := e.Time.Add(ViewedFor)
	if e.rules&bit(RuleViewed) != 0 {
		return nil
	}
	if _, waits := f.due[dueKey{e.accessRow.sequence, bit(RuleViewed)}]; waits {
		return nil
	}
	reached, err := f.reached(e.result, at)
	if err != nil {
		return err
	}
	if e.set(RuleViewed, reached); !reached {
		f.expect(e.accessRow, RuleViewed, at)
	}
	return nil
}

// errReached ends a scan.
var errReached = errors.New("reached")

// reached tells whether an entry after that one was written at the time or later.
func (f *forgetting) reached(after int64, at time.Time) (bool, error) {
	later, err := f.number("SELECT 1 FROM hour WHERE hour > ? AND last > ? LIMIT 1", hourOf(at.UnixMilli()), after)
	if err != nil || later > 0 {
		return later > 0, err
	}
	err = f.from.scan(f.ctx, after, f.size, func(_ int64, b []byte) error {
		if e, err := verify.ParseEntry(b); err == nil && !e.Time.Before(at) {
			return errReached
		}
		return nil
	})
	if errors.Is(err, errReached) {
		return true, nil
	}
	return false, err
}

// streaks looks again at the failures in a row of people whose row may have
// begun among the forgotten accesses.
func (f *forgetting) streaks() error {
	actors, err := f.ask("SELECT DISTINCT actor FROM tally WHERE days = 1 AND action = 0")
	if err != nil {
		return err
	}
	last := make(map[int64]int64) // ends of forgotten accesses after the start
	err = f.each(`SELECT actor, max(result) FROM access NOT INDEXED
		WHERE sequence > ? AND sequence <= ? AND result > ? GROUP BY actor`, func(rows *sql.Rows) error {
		var actor, result int64
		err := rows.Scan(&actor, &result)
		last[actor] = result
		return err
	}, f.old, f.start, f.start)
	if err != nil {
		return err
	}
	for _, actor := range actors {
		if actor == f.words[""] {
			continue
		}
		if err := f.streak(actor, last[actor]); err != nil {
			return err
		}
	}
	return nil
}

// streak counts a person's failures from the start on, up to the first success
// after the last end of a forgotten access: from there on nothing changes.
func (f *forgetting) streak(actor, last int64) error {
	var all []ended
	until := int64(math.MaxInt64)
	for after := f.start; ; {
		sequences, err := f.ask(`SELECT sequence FROM access INDEXED BY by_actor
			WHERE actor = ? AND sequence > ? ORDER BY sequence LIMIT 100`, actor, after)
		if err != nil {
			return err
		}
		for _, s := range sequences {
			if s > until {
				break
			}
			had := len(all)
			if all, err = f.read(all, s); err != nil {
				return err
			}
			if e := all[had:]; len(e) > 0 && Outcome(e[0].Outcome) == OutcomeDone && e[0].result > last {
				until = min(until, e[0].result)
			}
			after = s
		}
		if len(sequences) < 100 || sequences[len(sequences)-1] > until {
			break
		}
	}
	byEnd(all)
	n := int64(0)
	for _, e := range all {
		if e.result > until {
			break
		}
		switch Outcome(e.Outcome) {
		case OutcomeFailed, OutcomeRefused:
			n++
			e.set(RuleFailed, n >= MaxFailed)
		case OutcomeDone:
			n = 0
		}
	}
	if until == math.MaxInt64 {
		f.failed[actor] = n
	}
	return nil
}

// read adds the access of that sequence when it has ended and its end can be
// read.
func (f *forgetting) read(to []ended, sequence int64) ([]ended, error) {
	r, err := f.row(sequence)
	if err != nil || r == nil || r.result == 0 {
		return to, err
	}
	e, ok, err := f.from.parsed(f.ctx, r.result)
	if err != nil || !ok {
		return to, err
	}
	return append(to, ended{r, e}), nil
}

func byEnd(all []ended) {
	slices.SortFunc(all, func(a, b ended) int { return cmp.Compare(a.result, b.result) })
}

// set makes a rule have fired for an access or not.
func (r *accessRow) set(rule Rule, fired bool) {
	if r.rules &^= bit(rule); fired {
		r.rules |= bit(rule)
	}
}
