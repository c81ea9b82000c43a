package journal

import (
	"context"
	"slices"

	"espero-soft.com/printroom/vault/journal/verify"
)

// readAll makes rows of what the index found.
func (j *Journal) readAll(ctx context.Context, all []found) (rows []Row, err error) {
	for _, a := range all {
		r, err := j.read(ctx, a)
		if err != nil {
			return nil, err
		}
		rows = append(rows, r)
	}
	return j.db.kept(ctx, rows)
}

// kept leaves out the rows whose entries can't be read because they were
// forgotten since the index was asked.
func (r reading) kept(ctx context.Context, rows []Row) ([]Row, error) {
	damaged := func(row Row) bool { return row.Damaged }
	if !slices.ContainsFunc(rows, damaged) {
		return rows, nil
	}
	start, err := r.start(ctx)
	return slices.DeleteFunc(rows, func(row Row) bool { return row.Damaged && row.Sequence <= start.size }), err
}

// read makes a row of what the entries themselves say. An index that says
// something else is damaged; an entry that can't be read is shown as such.
func (j *Journal) read(ctx context.Context, a found) (Row, error) {
	row := Row{Sequence: a.sequence, Rules: a.rules.rules()}
	e, ok, err := j.db.parsed(ctx, a.sequence)
	if err != nil {
		return row, err
	}
	if !ok {
		row.Damaged = true
		return row, nil
	}
	if e.Actor != a.actor || e.Action != a.action || packID(e.Object) != a.object || e.Attempt != a.attempt ||
		e.Time.UnixMilli() != a.at || e.Kind() == verify.KindResult {
		return row, errTree
	}
	row.Time, row.Actor, row.Action, row.Object = e.Time, e.Actor, Action(e.Action), e.Object
	row.Attempt, row.Pages, row.Reason, row.Counter = e.Attempt, e.Pages, e.Reason, e.Counter
	if err := j.readResult(ctx, &row, e, a.result); err != nil {
		return row, err
	}
	return row, j.readConclusion(ctx, &row, a.concluded)
}

func (j *Journal) readResult(ctx context.Context, row *Row, e verify.Entry, sequence int64) error {
	if sequence == 0 || sequence == row.Sequence {
		if (sequence == 0) != (e.Kind() == verify.KindIntent) {
			return errTree
		}
		if row.Result = sequence; sequence != 0 {
			row.Outcome, row.Ended = Outcome(e.Outcome), e.Time
		}
		return nil
	}
	result, ok, err := j.db.parsed(ctx, sequence)
	if err != nil || !ok {
		row.Damaged = !ok
		return err
	}
	if result.Intent != row.Sequence {
		return errTree
	}
	row.Result, row.Outcome, row.Ended = sequence, Outcome(result.Outcome), result.Time
	if result.Reason != "" {
		row.Reason = result.Reason
	}
	return nil
}

func (j *Journal) readConclusion(ctx context.Context, row *Row, sequence int64) error {
	if sequence == 0 {
		return nil
	}
	e, ok, err := j.db.parsed(ctx, sequence)
	if err != nil || !ok {
		return err
	}
	if Action(e.Action) != ActionConclude || entryOf(e.Object) != row.Sequence {
		return errTree
	}
	row.Conclusion = &Conclusion{Sequence: sequence, Time: e.Time, Actor: e.Actor, Reason: e.Reason}
	return nil
}

// parsed is an entry, false when it is not one any more.
func (r reading) parsed(ctx context.Context, sequence int64) (verify.Entry, bool, error) {
	b, err := r.entry(ctx, sequence)
	if err != nil {
		return verify.Entry{}, false, err
	}
	e, err := verify.ParseEntry(b)
	return e, err == nil, nil
}
