package viewmodel

import (
	"context"

	"espero-soft.com/printroom/vault/journal"
)

// JournalPage is how many accesses are read at once where a table begins, and
// about how many lie in one part of it.
const JournalPage = 200

// keptRows bounds how many accesses are kept that are out of sight.
const keptRows = 10_000

// journalRows are the accesses of a selection, the newest first, of whatever
// number: how many there are is known by the hour, and each hour's are read when
// one of them comes into sight.
type journalRows struct {
	parts []journalPart
	used  []int // parts that have rows, the one that was looked at last at the end
	bound int64 // accesses from this sequence on came later
}

// journalPart are the accesses of some hours that follow each other.
type journalPart struct {
	filter journal.Filter
	first  int // place of its first access among all
	count  int
	rows   []journal.Row // the newest of them, as far as they were read
	done   bool          // all of them were
}

// partsOf divides what a filter selects, counted by the hour, oldest first.
func partsOf(f journal.Filter, hours []journal.Hour) (parts []journalPart) {
	first, count := 0, 0
	to := f.To
	for i := len(hours) - 1; i >= 0; i-- {
		h := hours[i]
		if count += int(h.Accesses); count < JournalPage && i > 0 || i > 0 && hours[i-1].Start.Equal(h.Start) {
			continue
		}
		p := journalPart{filter: f, first: first, count: count}
		if p.filter.To = to; i > 0 && h.Start.After(f.From) {
			p.filter.From = h.Start
		}
		parts = append(parts, p)
		first, count, to = first+count, 0, p.filter.From
	}
	return parts
}

// len is how many accesses there are.
func (r *journalRows) len() int {
	if len(r.parts) == 0 {
		return 0
	}
	last := r.parts[len(r.parts)-1]
	return last.first + last.count
}

// part is the one that has the access at a place, −1 for none.
func (r *journalRows) part(i int) int {
	low, high := 0, len(r.parts)
	for low < high {
		if mid := (low + high) / 2; r.parts[mid].first+r.parts[mid].count <= i {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if i < 0 || low == len(r.parts) {
		return -1
	}
	return low
}

// row is the access at a place, nil when it was not read.
func (r *journalRows) row(i int) *journal.Row {
	k := r.part(i)
	if k < 0 || i-r.parts[k].first >= len(r.parts[k].rows) {
		return nil
	}
	return &r.parts[k].rows[i-r.parts[k].first]
}

// place is where an access is, −1 when it is not among those that were read.
func (r *journalRows) place(sequence int64) int {
	for _, k := range r.used {
		rows := r.parts[k].rows
		low, high := 0, len(rows) // newest first
		for low < high {
			if mid := (low + high) / 2; rows[mid].Sequence > sequence {
				low = mid + 1
			} else {
				high = mid
			}
		}
		if low < len(rows) && rows[low].Sequence == sequence {
			return r.parts[k].first + low
		}
	}
	return -1
}

// put adds what was read of a part. What was counted is put right: accesses that
// came or are unusual no longer since they were counted.
func (r *journalRows) put(k int, rows []journal.Row, done bool) {
	p := &r.parts[k]
	p.rows, p.done = append(p.rows, rows...), done
	if n := len(p.rows); done && n != p.count || n > p.count {
		p.count = n
		for i := k + 1; i < len(r.parts); i++ {
			r.parts[i].first = r.parts[i-1].first + r.parts[i-1].count
		}
	}
	r.use(k)
	total := 0
	for _, i := range r.used {
		total += len(r.parts[i].rows)
	}
	for total > keptRows && len(r.used) > 2 {
		oldest := &r.parts[r.used[0]]
		total -= len(oldest.rows)
		oldest.rows, oldest.done = nil, false
		r.used = r.used[1:]
	}
}

// use notes that a part is looked at.
func (r *journalRows) use(k int) {
	if n := len(r.used); n > 0 && r.used[n-1] == k {
		return
	}
	kept := r.used[:0]
	for _, i := range r.used {
		if i != k {
			kept = append(kept, i)
		}
	}
	r.used = append(kept, k)
}

// Count is how many accesses the table has.
func (j *Journal) Count() int { return j.rows.len() }

// Peek is the access at a place, nil when it was not read.
func (j *Journal) Peek(i int) *journal.Row { return j.rows.row(i) }

// Row is the access at a place, nil while it is being read. Who asks sees it: it
// is read if it was not, and so is what comes next.
func (j *Journal) Row(i int) *journal.Row {
	row := j.rows.row(i)
	if row == nil {
		j.want(i)
		return nil
	}
	j.rows.use(j.rows.part(i))
	if ahead := i + JournalPage/4; j.wanted < 0 && ahead < j.rows.len() && j.rows.row(ahead) == nil {
		j.want(ahead)
	}
	return row
}

// want reads the access at a place. One question is under way at a time, and
// only the last place that was wanted meanwhile is the next one.
func (j *Journal) want(i int) {
	if j.wanted = i; !j.paging && !j.Loading && !j.halted {
		j.page()
	}
}

// page reads on towards the access that is wanted.
func (j *Journal) page() {
	k := j.rows.part(j.wanted)
	if k < 0 || j.rows.row(j.wanted) != nil || j.rows.parts[k].done {
		j.wanted, j.paging = -1, false
		return
	}
	j.paging = true
	p, n := j.rows.parts[k], j.latest
	before, limit := j.rows.bound, JournalPage
	if len(p.rows) > 0 {
		before = p.rows[len(p.rows)-1].Sequence
	}
	if j.wanted-p.first-len(p.rows) >= JournalPage {
		limit = journal.MaxRows
	}
	j.asks.run(func(ctx context.Context) func() {
		rows, err := j.desk.Accesses(ctx, p.filter, before, limit)
		if err != nil {
			return j.failed(n, err)
		}
		return func() {
			if n != j.latest {
				return
			}
			if len(j.rows.parts[k].rows) == len(p.rows) {
				j.rows.put(k, rows, len(rows) < limit)
			}
			j.page()
			j.Changed()
		}
	})
}

// Select marks an access; nothing is opened by that.
func (j *Journal) Select(i int) {
	if row := j.rows.row(i); row != nil {
		j.at, j.Selected = i, row.Sequence
	} else {
		j.at, j.Selected = i, 0 // it is being read
	}
	j.Changed()
}

// At is the place of the marked access, −1 for none.
func (j *Journal) At() int {
	if j.Selected > 0 {
		if i := j.rows.place(j.Selected); i >= 0 {
			j.at = i
		}
	} else if row := j.rows.row(j.at); row != nil {
		j.Selected = row.Sequence
	}
	return min(j.at, j.rows.len()-1)
}

// Unsealed tells whether an access has an entry that no countersignature covers.
func (j *Journal) Unsealed(r *journal.Row) bool {
	return max(r.Sequence, r.Result) > j.Status.Sealed
}
