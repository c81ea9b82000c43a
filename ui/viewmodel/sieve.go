package viewmodel

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Group is the letters of one product.
type Group struct {
	Product postal.Product
	Letters int
	Sheets  int
	CutOff  time.Time // the soonest
}

// Scope is a part of the letters: all of them, those of a product, or those
// that need somebody. The zero Scope is all.
type Scope struct {
	Product   postal.Product
	Attention bool
}

func (s Scope) has(j *station.Job) bool {
	return (s.Product == "" || j.Product == s.Product) && (!s.Attention || needsSomebody(j))
}

func needsSomebody(j *station.Job) bool {
	return j.State == store.Held || j.State == store.Uncertain
}

// Words are the words of the language for codes, in lower case, so that the
// filter finds what the table shows.
type Words struct {
	Product map[postal.Product]string
	State   map[store.State]string
}

// Column is what the rows are sorted by.
type Column string

// The columns.
const (
	ByCode     Column = "code"
	ByProduct  Column = "product"
	ByPages    Column = "pages"
	BySides    Column = "sides"
	ByEnvelope Column = "envelope"
	ByPaid     Column = "paid"
	ByCutOff   Column = "cutoff"
	ByFindings Column = "findings"
	ByState    Column = "state"
)

// Columns lists what the rows can be sorted by.
func Columns() []Column {
	return []Column{ByCode, ByProduct, ByPages, BySides, ByEnvelope, ByPaid, ByCutOff, ByFindings, ByState}
}

// Sort is an order of the rows; ties go by cut-off, payment and id.
type Sort struct {
	Column Column
	Down   bool
}

// Next is the batch that can be printed next: letters that are ready and share
// product, sides, colour and envelope with the most urgent one.
type Next struct {
	IDs      []string
	Product  postal.Product
	Duplex   bool
	Colour   bool
	Envelope string
	Sheets   int
}

// sieve is one question about the letters, sifted what comes out. It runs in
// the background and only reads.
type sieve struct {
	jobs   []station.Job
	scope  Scope
	filter string
	sort   Sort
	words  Words
}

type sifted struct {
	rows      []station.Job
	rowOf     map[string]int // by id
	groups    []Group
	total     int
	scoped    int // letters in the scope, before the text filter
	attention int
	next      Next
}

func (s sieve) run() sifted {
	var out sifted
	wanted := strings.Fields(strings.ToLower(s.filter))
	groups := make(map[postal.Product]*Group)
	var printable []station.Job
	for i := range s.jobs {
		j := &s.jobs[i]
		if j.State == store.Dropped {
			continue
		}
		out.total++
		count(groups, j)
		if needsSomebody(j) {
			out.attention++
		}
		if j.State == store.Ready && (s.scope.Product == "" || s.scope.Product == j.Product) {
			printable = append(printable, *j)
		}
		if !s.scope.has(j) {
			continue
		}
		out.scoped++
		if s.matches(j, wanted) {
			out.rows = append(out.rows, *j)
		}
	}
	out.groups = inOrder(groups)
	out.next = next(station.NextBatch(printable))
	s.order(out.rows)
	out.rowOf = make(map[string]int, len(out.rows))
	for i := range out.rows {
		out.rowOf[out.rows[i].ID] = i
	}
	return out
}

func count(groups map[postal.Product]*Group, j *station.Job) {
	g := groups[j.Product]
	if g == nil {
		g = &Group{Product: j.Product, CutOff: j.CutOff}
		groups[j.Product] = g
	}
	g.Letters++
	g.Sheets += j.Sheets
	if j.CutOff.Before(g.CutOff) {
		g.CutOff = j.CutOff
	}
}

func inOrder(groups map[postal.Product]*Group) []Group {
	list := make([]Group, 0, len(groups))
	for _, g := range groups {
		list = append(list, *g)
	}
	slices.SortFunc(list, func(a, b Group) int {
		return cmp.Or(a.CutOff.Compare(b.CutOff), cmp.Compare(a.Product, b.Product))
	})
	return list
}

// matches tells whether every wanted word is in one of the job's fields.
func (s sieve) matches(j *station.Job, wanted []string) bool {
	if len(wanted) == 0 {
		return true
	}
	fields := [...]string{
		strings.ToLower(string(j.Code)), strings.ToLower(j.Code.Grouped()), strings.ToLower(j.Envelope),
		s.words.Product[j.Product], s.words.State[j.State],
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(fields[:], func(f string) bool { return strings.Contains(f, w) }) {
			return false
		}
	}
	return true
}

func next(batch []station.Job) Next {
	if len(batch) == 0 {
		return Next{}
	}
	first := batch[0]
	n := Next{Product: first.Product, Duplex: first.Duplex, Colour: first.Colour, Envelope: first.Envelope}
	for _, j := range batch {
		n.IDs = append(n.IDs, j.ID)
		n.Sheets += j.Sheets
	}
	return n
}

func urgency(a, b *station.Job) int {
	return cmp.Or(a.CutOff.Compare(b.CutOff), a.PaidAt.Compare(b.PaidAt), cmp.Compare(a.ID, b.ID))
}

func (s sieve) order(rows []station.Job) {
	by := func(a, b *station.Job) int { return urgency(a, b) }
	switch s.sort.Column {
	case ByCode:
		by = func(a, b *station.Job) int { return cmp.Compare(a.Code, b.Code) }
	case ByProduct:
		by = func(a, b *station.Job) int {
			return cmp.Compare(s.words.Product[a.Product], s.words.Product[b.Product])
		}
	case ByPages:
		by = func(a, b *station.Job) int {
			return cmp.Or(cmp.Compare(a.Pages, b.Pages), cmp.Compare(a.Sheets, b.Sheets))
		}
	case BySides:
		by = func(a, b *station.Job) int { return cmp.Compare(sides(a), sides(b)) }
	case ByEnvelope:
		by = func(a, b *station.Job) int { return cmp.Compare(a.Envelope, b.Envelope) }
	case ByPaid:
		by = func(a, b *station.Job) int { return a.PaidAt.Compare(b.PaidAt) }
	case ByFindings:
		by = func(a, b *station.Job) int { return cmp.Compare(gravity(b), gravity(a)) }
	case ByState:
		by = func(a, b *station.Job) int { return cmp.Compare(s.words.State[a.State], s.words.State[b.State]) }
	}
	slices.SortFunc(rows, func(a, b station.Job) int {
		c := by(&a, &b)
		if s.sort.Down {
			c = -c
		}
		return cmp.Or(c, urgency(&a, &b))
	})
}

// gravity is how much a look at the letter found: errors count more than any
// number of warnings, and a letter that nobody looked at is last.
func gravity(j *station.Job) int {
	if j.Findings == nil {
		return -1
	}
	n := len(j.Findings)
	if slices.ContainsFunc(j.Findings, preflight.Code.Error) {
		n += 1000
	}
	return n
}

func sides(j *station.Job) int {
	n := 0
	if j.Duplex {
		n = 2
	}
	if j.Colour {
		n++
	}
	return n
}
