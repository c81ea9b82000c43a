package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// TheStation as a Filter's actor selects what the station did by itself.
const TheStation = "-"

// MaxRows bounds what List and About give at once.
const MaxRows = 1000

// Filter selects accesses; its zero value all of them.
type Filter struct {
	Actor    string    // a pseudonym or TheStation, "" for everybody
	Object   string    // "" for all
	Action   Action    // "" for all
	From, To time.Time // From ≤ t < To, zero for no bound; of the intent or record
	Unusual  bool      // only those that a rule fired for, concluded or not
}

// Row is one access as a reader sees it: an intent with its result, or a
// record. All of it but Rules and Conclusion is read from the entries.
type Row struct {
	Sequence   int64     // of the intent or record
	Result     int64     // of the entry with the outcome: Sequence for a record, 0 while there is none
	Time       time.Time // of the intent or record, UTC
	Ended      time.Time // of the result, zero while there is none
	Actor      string    // "" for the station itself
	Action     Action
	Object     string
	Attempt    string
	Pages      string // which pages were shown, "3" or "3-7", "" when the entry does not say
	Reason     string // the result's, else the intent's
	Outcome    Outcome
	Counter    int64
	Rules      []Rule      // why it is unusual, nil when it is not
	Conclusion *Conclusion // nil while nobody has concluded it
	Damaged    bool        // the entry can't be read any more: only Sequence and Rules count
}

// Conclusion is what a reviewer said of an unusual access.
type Conclusion struct {
	Sequence int64
	Time     time.Time
	Actor    string
	Reason   string
}

// Open tells whether the access possibly occurred: it has no result.
func (r Row) Open() bool { return r.Result == 0 && !r.Damaged }

// List gives up to limit accesses (MaxRows at most) before the given sequence,
// or the last ones when before is 0, newest first. The next page starts before
// the last row's sequence; its time does not grow with the log.
func (j *Journal) List(ctx context.Context, f Filter, before int64, limit int) ([]Row, error) {
	q := f.query()
	if before > 0 {
		q.and("sequence < ?", before)
	}
	return j.page(ctx, q, "DESC", limit)
}

// Since is List in the log's order: the accesses after the given sequence.
func (j *Journal) Since(ctx context.Context, f Filter, after int64, limit int) ([]Row, error) {
	q := f.query()
	q.and("sequence > ?", after)
	return j.page(ctx, q, "ASC", limit)
}

// About gives the last MaxRows accesses to one object, oldest first.
func (j *Journal) About(ctx context.Context, object string) ([]Row, error) {
	if object == "" {
		return nil, nil
	}
	rows, err := j.List(ctx, Filter{Object: object}, 0, MaxRows)
	for i, k := 0, len(rows)-1; i < k; i, k = i+1, k-1 {
		rows[i], rows[k] = rows[k], rows[i]
	}
	return rows, err
}

// Read gives one access by the sequence of its intent, record or result;
// ErrRange when there is none.
func (j *Journal) Read(ctx context.Context, sequence int64) (Row, error) {
	if b, err := j.db.entry(ctx, sequence); err != nil {
		return Row{}, j.found(err)
	} else if e, err := verify.ParseEntry(b); err == nil && e.Intent != 0 {
		sequence = e.Intent
	}
	var q query
	q.and("sequence = ?", sequence)
	rows, err := j.page(ctx, q, "DESC", 1)
	if err == nil && len(rows) == 0 {
		err = fmt.Errorf("%w: no access has entry %d", ErrRange, sequence)
	}
	if err != nil {
		return Row{}, err
	}
	return rows[0], nil
}

// ObjectOf is the object that a printing attempt was of, "" when the journal
// does not know the attempt.
func (j *Journal) ObjectOf(ctx context.Context, attempt string) (object string, err error) {
	err = j.look(ctx, func() error {
		var sequence int64
		err := j.index.db.reader.QueryRowContext(ctx, `SELECT sequence FROM access INDEXED BY by_attempt
			WHERE attempt = ? AND object IS NOT NULL AND sequence > ? LIMIT 1`, attempt, j.index.start).Scan(&sequence)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return treeError(err)
		}
		e, _, err := j.db.parsed(ctx, sequence)
		object = e.Object
		return err
	})
	return object, err
}

// query is the condition of a question and the index that answers it.
type query struct {
	index string // the one of indexSchema, "" for none
	where string
	args  []any
	span  [2]int64 // hours: from, to; both 0 for no bound
}

// by names the way to the rows.
func (q *query) by() string {
	if q.index == "" {
		return "NOT INDEXED" // by sequence
	}
	return "INDEXED BY " + q.index
}

// rows is the question for rows in the order of their sequences, ASC or DESC.
func (q *query) rows(order string) string {
	where := ""
	if q.where != "" {
		where = " WHERE " + q.where
	}
	return `SELECT sequence, at, result, rules, concluded, object, attempt,
		(SELECT text FROM word WHERE id = actor), (SELECT text FROM word WHERE id = action)
		FROM access ` + q.by() + where + " ORDER BY sequence " + order + " LIMIT ?"
}

func (q *query) and(condition string, args ...any) {
	if q.where != "" {
		q.where += " AND "
	}
	q.where += condition
	q.args = append(q.args, args...)
}

// query turns a filter into the condition on table access. A word that the log
// does not have matches nothing.
func (f Filter) query() query {
	var q query
	if !f.From.IsZero() {
		q.and("at >= ?", f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		q.and("at < ?", f.To.UnixMilli())
	}
	if !f.From.IsZero() || !f.To.IsZero() {
		q.span = f.hours()
	}
	if f.Actor != "" {
		q.index = "by_actor"
		q.and("actor = (SELECT id FROM word WHERE text = ?)", f.actor())
	}
	if f.Action != "" {
		if q.index = "by_action"; f.Actor != "" {
			q.index = "by_both"
		}
		q.and("action = (SELECT id FROM word WHERE text = ?)", string(f.Action))
	}
	if f.Unusual {
		q.index = map[string]string{"": "rule_any", "by_actor": "rule_actor", "by_action": "rule_action", "by_both": "rule_both"}[q.index]
		q.and("rules <> 0")
	}
	if f.Object != "" {
		q.index = "by_object"
		q.and("object = ?", blob(packID(f.Object)))
	}
	return q
}

// actor is the actor as the entries have it.
func (f Filter) actor() string {
	if f.Actor == TheStation {
		return ""
	}
	return f.Actor
}

// everAfter is an hour beyond all others.
const everAfter = 1 << 40

// hours are those that the filter's times touch, both included.
func (f Filter) hours() [2]int64 {
	from, to := int64(-1), int64(everAfter)
	if !f.From.IsZero() {
		from = hourOf(f.From.UnixMilli())
	}
	if !f.To.IsZero() {
		to = hourOf(f.To.UnixMilli() - 1)
	}
	return [2]int64{from, to}
}

// page answers a question with rows.
func (j *Journal) page(ctx context.Context, q query, order string, limit int) (rows []Row, err error) {
	err = j.look(ctx, func() error {
		found, err := j.index.find(ctx, q, order, min(max(limit, 0), MaxRows))
		if err != nil {
			return err
		}
		rows, err = j.readAll(ctx, found)
		return err
	})
	return rows, err
}

// found is what the index says of an access.
type found struct {
	accessRow
	actor, action string // as texts
}

// narrow adds the sequences between which the query's hours lie; false when
// there are none. The log's times may go back: the bounds are those of the
// hours, the condition on the time itself stays.
func (x *index) narrow(ctx context.Context, q *query) (bool, error) {
	if x.start > 0 {
		q.and("sequence > ?", x.start)
	}
	if q.span == [2]int64{} {
		return true, nil
	}
	var first, last sql.NullInt64
	err := x.db.reader.QueryRowContext(ctx, "SELECT min(first), max(last) FROM hour WHERE hour BETWEEN ? AND ?",
		q.span[0], q.span[1]).Scan(&first, &last)
	if err != nil || !first.Valid {
		return false, treeError(err)
	}
	q.and("sequence BETWEEN ? AND ?", first.Int64, last.Int64)
	return true, nil
}

func (x *index) find(ctx context.Context, q query, order string, limit int) ([]found, error) {
	if ok, err := x.narrow(ctx, &q); err != nil || !ok {
		return nil, err
	}
	rows, err := x.db.reader.QueryContext(ctx, q.rows(order), append(q.args, limit)...)
	if err != nil {
		return nil, treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	var out []found
	for rows.Next() {
		var a found
		var object []byte
		var attempt sql.NullString
		err := rows.Scan(&a.sequence, &a.at, &a.result, &a.rules, &a.concluded, &object, &attempt, &a.actor, &a.action)
		if err != nil {
			return nil, treeError(err)
		}
		a.object, a.attempt = string(object), attempt.String
		out = append(out, a)
	}
	return out, treeError(rows.Err())
}
