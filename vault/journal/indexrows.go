package journal

import (
	"context"
	"database/sql"
	"errors"
	"math/bits"
)

// ruleAt is the place in AllRules of a set of one rule.
func ruleAt(s ruleSet) int { return bits.TrailingZeros64(uint64(s)) }

// newIndexWriter starts a batch with what the index holds of the past.
// The log begins after start.
func newIndexWriter(ctx context.Context, tx *sql.Tx, hours WorkingHours, start int64) (*indexWriter, error) {
	w := &indexWriter{
		ctx: ctx, tx: tx, hours: hours, start: start,
		stmts: make(map[string]prepared),
		words: make(map[string]int64), rows: make(map[int64]*accessRow), viewed: make(map[string][]*accessRow),
		failed: make(map[int64]int64), prints: make(map[string]printings),
		due: make(map[dueKey]deadline), shown: make(map[string]map[int64]struct{}),
	}
	if err := w.each("SELECT id, text FROM word", func(rows *sql.Rows) error {
		var id int64
		var text string
		err := rows.Scan(&id, &text)
		w.words[text] = id
		return err
	}); err != nil {
		return nil, err
	}
	err := w.each("SELECT sequence, rule, at, object FROM due", func(rows *sql.Rows) error {
		d := deadline{stored: true}
		var object []byte
		err := rows.Scan(&d.sequence, &d.rule, &d.at, &object)
		d.object = string(object)
		if bits.OnesCount64(uint64(d.rule)) != 1 || ruleAt(d.rule) >= len(AllRules()) {
			return errTree
		}
		w.wait(d)
		return err
	})
	return w, err
}

// each calls use with each row of a question.
func (w *indexWriter) each(query string, use func(*sql.Rows) error, args ...any) error {
	s, err := w.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(w.ctx, args...)
	if err != nil {
		return treeError(err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		if err := use(rows); err != nil {
			return treeError(err)
		}
	}
	return treeError(rows.Err())
}

// prepared is a statement of a transaction, whose end closes it.
type prepared struct{ *sql.Stmt }

// stmt is a statement of the batch's transaction.
func (w *indexWriter) stmt(query string) (prepared, error) {
	if s, ok := w.stmts[query]; ok {
		return s, nil
	}
	s, err := w.tx.PrepareContext(w.ctx, query)
	if err != nil {
		return prepared{}, treeError(err)
	}
	w.stmts[query] = prepared{s}
	return prepared{s}, nil
}

func (w *indexWriter) exec(query string, args ...any) error {
	s, err := w.stmt(query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(w.ctx, args...)
	return treeError(err)
}

// number is the answer to a question, 0 when there is none.
func (w *indexWriter) number(query string, args ...any) (n int64, err error) {
	s, err := w.stmt(query)
	if err != nil {
		return 0, err
	}
	err = s.QueryRowContext(w.ctx, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, treeError(err)
}

// ask gives the numbers that answer a question.
func (w *indexWriter) ask(query string, args ...any) (out []int64, err error) {
	err = w.each(query, func(rows *sql.Rows) error {
		var n int64
		err := rows.Scan(&n)
		out = append(out, n)
		return err
	}, args...)
	return out, err
}

// word is the number that stands for a text.
func (w *indexWriter) word(text string) (int64, error) {
	if id, ok := w.words[text]; ok {
		return id, nil
	}
	id, err := w.number("INSERT INTO word (text) VALUES (?) RETURNING id", text)
	if err != nil {
		return 0, err
	}
	w.words[text] = id
	return id, nil
}

// keep adds a row to the batch.
func (w *indexWriter) keep(r *accessRow) {
	w.rows[r.sequence] = r
	w.order = append(w.order, r)
}

// row is the access of that sequence, nil when there is none or it was forgotten.
func (w *indexWriter) row(sequence int64) (*accessRow, error) {
	if sequence <= w.start {
		return nil, nil
	}
	if r, ok := w.rows[sequence]; ok {
		return r, nil
	}
	s, err := w.stmt(`SELECT at, actor, action, object, attempt, result, rules, concluded FROM access WHERE sequence = ?`)
	if err != nil {
		return nil, err
	}
	r := &accessRow{sequence: sequence, stored: true}
	var object []byte
	var attempt sql.NullString
	err = s.QueryRowContext(w.ctx, sequence).
		Scan(&r.at, &r.actor, &r.action, &object, &attempt, &r.result, &r.rules, &r.concluded)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, treeError(err)
	}
	r.object, r.attempt = string(object), attempt.String
	r.wasUnusual, r.wasConcluded = r.unusual(), r.concluded != 0
	w.keep(r)
	if r.rules&bit(RuleViewed) != 0 {
		w.viewed[r.object] = append(w.viewed[r.object], r)
	}
	return r, nil
}
