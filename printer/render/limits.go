package render

import "time"

// Limits bound what a document may cost. A zero field takes its default.
type Limits struct {
	Bytes  int64   // of the document; 64 MiB
	Pages  int     // of the document; 250
	Side   float64 // of a page, points; 14174 (5 m)
	Pixels int64   // of a page; 72 million (A3 at 600 dpi has 69.7)

	Time    time.Duration // by the clock, for opening; 10 s
	CPU     time.Duration // of computing, for opening; 10 s, rounded up to seconds
	TimeFor time.Duration // more of both for each page drawn; 2 s
}

// memory is the worker's RLIMIT_AS, for LimitError.
const memory = 2 << 30

func (l Limits) withDefaults() Limits {
	setDefault(&l.Bytes, 64<<20)
	setDefault(&l.Pages, 250)
	setDefault(&l.Side, 14174)
	setDefault(&l.Pixels, 72_000_000)
	setDefault(&l.Time, 10*time.Second)
	setDefault(&l.CPU, 10*time.Second)
	setDefault(&l.TimeFor, 2*time.Second)
	return l
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// time and cpu are what a process may use that draws n pages.
func (l Limits) time(n int) time.Duration { return l.Time + time.Duration(n)*l.TimeFor }
func (l Limits) cpu(n int) time.Duration  { return l.CPU + time.Duration(n)*l.TimeFor }
