package journal

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// conclusionPrefix stands before the sequence in the object of a conclusion
// and of a review of one entry: "entry-1234".
const conclusionPrefix = "entry-"

// EntryObject is the object id by which the journal names one of its own
// entries.
func EntryObject(sequence int64) string {
	return conclusionPrefix + strconv.FormatInt(sequence, 10)
}

// entryOf undoes EntryObject; 0 for any other object.
func entryOf(object string) int64 {
	digits, ok := strings.CutPrefix(object, conclusionPrefix)
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil || n < 1 || EntryObject(n) != object {
		return 0
	}
	return n
}

// accessRow is a row of table access.
type accessRow struct {
	sequence, at    int64  // at in milliseconds
	actor, action   int64  // words
	object, attempt string // the object packed, see packID
	result          int64
	rules           ruleSet
	concluded       int64

	stored       bool // as it was before this batch:
	wasUnusual   bool
	wasConcluded bool
}

func (r *accessRow) unusual() bool { return r.rules != 0 }

// indexWriter takes up a batch of entries in memory and writes what came of
// them at its end.
type indexWriter struct {
	ctx    context.Context // of the one call that this value lives for
	tx     *sql.Tx
	hours  WorkingHours
	start  int64               // the log begins after it
	stmts  map[string]prepared // of tx, by their text
	words  map[string]int64
	rows   map[int64]*accessRow
	order  []*accessRow            // of rows
	viewed map[string][]*accessRow // of rows, by object: those of RuleViewed
	failed map[int64]int64         // streaks, by actor
	prints map[string]printings    // by object
	again  []again
	due    map[dueKey]deadline           // what may still fire
	gone   []dueKey                      // stored ones that no longer may
	queue  deadlines                     // of due and of what was called off
	shown  map[string]map[int64]struct{} // sequences in due with RuleViewed, by object
}

// add takes up the next entry.
func (w *indexWriter) add(b []byte) error {
	e, err := verify.ParseEntry(b)
	if err != nil {
		return nil //nolint:nilerr // verification names it
	}
	if err := w.fire(e.Time.UnixMilli()); err != nil {
		return err
	}
	if e.Kind() == verify.KindResult {
		return w.result(e)
	}
	return w.access(e)
}

func (w *indexWriter) access(e verify.Entry) error {
	actor, err := w.word(e.Actor)
	if err != nil {
		return err
	}
	action, err := w.word(e.Action)
	if err != nil {
		return err
	}
	r := &accessRow{
		sequence: e.Sequence, at: e.Time.UnixMilli(), actor: actor, action: action,
		object: packID(e.Object), attempt: e.Attempt,
	}
	w.keep(r)
	if personal(e.Actor, Action(e.Action)) && w.hours.outside(e.Time) {
		w.mark(r, RuleHours)
	}
	if e.Kind() == verify.KindIntent {
		w.expect(r, RuleNoResult, e.Time.Add(ResultWithin))
		return nil
	}
	r.result = e.Sequence
	return w.ended(r, e)
}

func (w *indexWriter) result(e verify.Entry) error {
	r, err := w.row(e.Intent)
	if err != nil || r == nil || r.result != 0 {
		return err // a result of nothing says nothing
	}
	r.result = e.Sequence
	w.callOff(dueKey{r.sequence, bit(RuleNoResult)})
	r.rules &^= bit(RuleNoResult)
	return w.ended(r, e)
}

// ended applies the rules that look at how an access came out.
func (w *indexWriter) ended(r *accessRow, e verify.Entry) error {
	if e.Actor != "" {
		if err := w.count(r, Outcome(e.Outcome)); err != nil {
			return err
		}
	}
	done := Outcome(e.Outcome) == OutcomeDone
	switch {
	case r.object == "":
		return nil
	case Action(e.Action) == ActionPreview && done:
		return w.view(r, e.Time)
	case Action(e.Action) == ActionPrint && (done || Outcome(e.Outcome) == OutcomeUncertain):
		return w.print(r)
	case Action(e.Action) == ActionConclude && done:
		return w.conclude(r, e.Object)
	}
	return nil
}

// count keeps a person's failures in a row.
func (w *indexWriter) count(r *accessRow, o Outcome) error {
	n, ok := w.failed[r.actor]
	if !ok {
		var err error
		if n, err = w.number("SELECT failed FROM streak WHERE actor = ?", r.actor); err != nil {
			return err
		}
	}
	switch o {
	case OutcomeFailed, OutcomeRefused:
		if n++; n >= MaxFailed {
			w.mark(r, RuleFailed)
		}
	case OutcomeDone:
		n = 0
	}
	w.failed[r.actor] = n
	return nil
}

// printings are those of one letter.
type printings struct{ count, last int64 }

// again is an access that an earlier printing made a difference to: when that is
// forgotten, the rules look at the letter again.
type again struct {
	sequence int64
	object   string
}

// view expects a letter that was shown to be printed.
func (w *indexWriter) view(r *accessRow, at time.Time) error {
	p, err := w.printed(r.object)
	switch {
	case err != nil:
		return err
	case p.count == 0:
		w.expect(r, RuleViewed, at.Add(ViewedFor))
	default:
		w.again = append(w.again, again{r.sequence, r.object})
	}
	return nil
}

func (w *indexWriter) printed(object string) (p printings, err error) {
	p, ok := w.prints[object]
	if ok {
		return p, nil
	}
	s, err := w.stmt("SELECT prints, last FROM letter WHERE object = ? AND last > ?")
	if err != nil {
		return p, err
	}
	err = s.QueryRowContext(w.ctx, blob(object), w.start).Scan(&p.count, &p.last)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	return p, treeError(err)
}

// print counts a printing; the first one makes every view of the letter an
// ordinary one.
func (w *indexWriter) print(r *accessRow) error {
	p, err := w.printed(r.object)
	if err != nil {
		return err
	}
	p = printings{p.count + 1, max(p.last, r.sequence)}
	w.prints[r.object] = p
	if p.count > MaxPrints {
		w.mark(r, RuleReprint)
	}
	if p.count > 1 {
		w.again = append(w.again, again{p.last, r.object})
		return nil
	}
	for sequence := range w.shown[r.object] {
		w.callOff(dueKey{sequence, bit(RuleViewed)})
		w.printedFor(sequence, r)
	}
	sequences, err := w.ask("SELECT sequence FROM access INDEXED BY rule_viewed WHERE object = ? AND "+ruleIsViewed, blob(r.object))
	if err != nil {
		return err
	}
	for _, s := range sequences {
		if _, err := w.row(s); err != nil {
			return err
		}
	}
	for _, v := range w.viewed[r.object] {
		v.rules &^= bit(RuleViewed)
		w.printedFor(v.sequence, r)
	}
	return nil
}

// printedFor notes a view that an earlier access has made an ordinary one.
func (w *indexWriter) printedFor(view int64, r *accessRow) {
	if view > r.sequence {
		w.again = append(w.again, again{view, r.object})
	}
}

func (w *indexWriter) conclude(r *accessRow, object string) error {
	if of := entryOf(object); of > 0 && of < r.sequence {
		finding, err := w.row(of)
		if err != nil || finding == nil {
			return err
		}
		finding.concluded = r.sequence
	}
	return nil
}
