package viewmodel

import (
	"context"
	"slices"
	"strconv"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// Jobs acts on the letters of the station.
type Jobs interface {
	// Claim asks central for letters, as many as its policy gives.
	Claim(ctx context.Context) error
	// PrintBatch prints the letters together; it may return before the last
	// sheet is out, the snapshot's Batch tells how far it is.
	PrintBatch(ctx context.Context, jobIDs []string) error
	Colleagues
	// Override has a letter printed that is held for what a look at it found, and
	// KeepLonger has one kept as proof or not. second is who agrees where the
	// room's policy wants somebody, else nil.
	Override(ctx context.Context, jobID string, second *station.Second) error
	KeepLonger(ctx context.Context, jobID string, longer bool, second *station.Second) error
}

// Queue is the screen of the letters that wait.
type Queue struct {
	Rows      []station.Job // what the table shows: filtered and sorted
	Total     int           // letters on this station, filtered or not
	Groups    []Group       // by product, soonest cut-off first
	Attention int           // letters that are held or uncertain
	Scope     Scope
	Filter    string
	Sort      Sort
	Selected  string // the chosen letter's id, "" for none
	Next      Next   // what Print would print
	Batch     *station.Batch
	Claiming  bool
	Printing  bool           // the batch was handed over and is not in a snapshot yet
	Errand    *Errand        // what another person is asked to agree to, nil for nothing
	Acting    bool           // the station does what was asked about a letter
	Fault     *station.Fault // of the last claim, batch or errand
	Ready     bool           // a first snapshot was shown
	Waiting   int            // letters that wait at central, -1 when it did not say
	Central   station.Lamp
	Printer   station.Lamp
	// PrinterName and NoDecryption are those of the snapshot.
	PrinterName  string
	NoDecryption station.FaultCode
	LastFault    *station.Fault
	Changed      func()

	asks   *asks
	jobs   Jobs
	person string         // pseudonym of who is there
	policy station.Policy // of the snapshot
	all    []station.Job  // the snapshot's; never written to
	rowOf  map[string]int // of Rows, by id
	words  Words
	latest int // number of the newest sifting
	acted  int // number of the newest claim or batch
}

// NewQueue returns an empty queue.
func NewQueue(jobs Jobs, post Poster) *Queue {
	return &Queue{asks: newAsks(post), jobs: jobs, Sort: Sort{Column: ByCutOff}, Changed: func() {}}
}

// Show takes a newer snapshot. A locked station has an empty queue.
func (q *Queue) Show(s station.Snapshot) {
	if s.Person == nil {
		q.forget()
		return
	}
	if q.person != s.Person.Pseudonym {
		q.Errand = nil // a shift change: what the first one asked is not the second's
	}
	q.person, q.policy = s.Person.Pseudonym, s.Policy
	q.all = s.Jobs
	q.review()
	q.Batch = s.Batch
	if s.Batch != nil {
		q.Printing = false
	}
	q.Central, q.Printer, q.PrinterName = s.Central, s.Printer, s.PrinterName
	q.NoDecryption, q.LastFault, q.Waiting = s.NoDecryption, s.LastFault, s.Waiting
	q.sift()
	q.Changed()
}

func (q *Queue) forget() {
	q.latest++
	q.acted++
	q.all, q.Rows, q.rowOf, q.Groups, q.Total, q.Attention = nil, nil, nil, nil, 0, 0
	q.Selected, q.Filter, q.Scope, q.Next = "", "", Scope{}, Next{}
	q.Claiming, q.Printing, q.Fault, q.Ready, q.Batch = false, false, nil, false, nil
	q.Errand, q.Acting, q.person = nil, false, ""
	q.Changed()
}

// sift filters, sorts and counts in the background; the newest question wins.
func (q *Queue) sift() {
	q.latest++
	n := q.latest
	ask := sieve{jobs: q.all, scope: q.Scope, filter: q.Filter, sort: q.Sort, words: q.words}
	q.asks.run(func(context.Context) func() {
		got := ask.run()
		return func() {
			if n == q.latest {
				q.sifted(got)
			}
		}
	})
}

func (q *Queue) sifted(got sifted) {
	q.Rows, q.Groups, q.Total, q.Attention, q.Next = got.rows, got.groups, got.total, got.attention, got.next
	q.rowOf, q.Ready = got.rowOf, true
	if q.Scope != (Scope{}) && got.scoped == 0 {
		q.Scope = Scope{} // the group is gone: show all rather than nothing
		q.sift()
	}
	if q.job(q.Selected) == nil {
		q.Selected = ""
	}
	q.Changed()
}

// SetFilter narrows the rows to those with every word of text.
func (q *Queue) SetFilter(text string) {
	if text != q.Filter {
		q.Filter = text
		q.sift()
	}
}

// SetScope narrows the rows to a group.
func (q *Queue) SetScope(s Scope) {
	if s != q.Scope {
		q.Scope = s
		q.sift()
		q.Changed()
	}
}

// SetWords gives the words of the language that the filter also finds.
func (q *Queue) SetWords(w Words) {
	q.words = w
	if q.Ready {
		q.sift()
	}
}

// SortBy sorts by a column, the other way round if it already does.
func (q *Queue) SortBy(c Column) {
	q.Sort = Sort{Column: c, Down: q.Sort.Column == c && !q.Sort.Down}
	q.sift()
	q.Changed()
}

// Select chooses a letter; nothing is opened by that.
func (q *Queue) Select(id string) {
	if id != q.Selected && (q.Errand == nil || !q.Errand.Consent.Busy) {
		q.Selected, q.Errand = id, nil
		q.Changed()
	}
}

// Keep tells what of the queue is remembered for a person: order and group.
func (q *Queue) Keep() map[string]string {
	kept := map[string]string{"sort": string(q.Sort.Column), "down": strconv.FormatBool(q.Sort.Down)}
	if q.Scope.Product != "" {
		kept["product"] = string(q.Scope.Product)
	}
	if q.Scope.Attention {
		kept["attention"] = "true"
	}
	return kept
}

// Recall brings back what Keep told; what it does not know it leaves.
func (q *Queue) Recall(kept map[string]string) {
	q.Sort, q.Scope = Sort{Column: ByCutOff}, Scope{}
	if c := Column(kept["sort"]); slices.Contains(Columns(), c) {
		q.Sort = Sort{Column: c, Down: kept["down"] == "true"}
	}
	if p, err := postal.ParseProduct(kept["product"]); err == nil {
		q.Scope.Product = p
	}
	q.Scope.Attention = kept["attention"] == "true"
	q.sift()
}

// Reveal chooses a letter wherever it is: filter and group give way when they
// hide it. It returns false when the queue has no such letter.
func (q *Queue) Reveal(id string) bool {
	i := slices.IndexFunc(q.all, func(j station.Job) bool { return j.ID == id && j.State != store.Dropped })
	if i < 0 {
		return false
	}
	if _, shown := q.rowOf[id]; !shown {
		q.Filter, q.Scope = "", Scope{}
		q.sift()
	}
	q.Selected = id
	q.Changed()
	return true
}

// Job returns the chosen letter, nil when there is none.
func (q *Queue) Job() *station.Job { return q.job(q.Selected) }

// Row returns the row of the chosen letter, −1 when it is in none.
func (q *Queue) Row() int {
	if i, ok := q.rowOf[q.Selected]; ok {
		return i
	}
	return -1
}

func (q *Queue) job(id string) *station.Job {
	if id == "" {
		return nil
	}
	if i, ok := q.rowOf[id]; ok {
		return &q.Rows[i]
	}
	for i := range q.all {
		if q.all[i].ID == id {
			return &q.all[i]
		}
	}
	return nil
}

// CanClaim tells whether Claim would ask.
func (q *Queue) CanClaim() bool { return !q.Claiming && q.NoDecryption == "" }

// Claim asks central for more letters.
func (q *Queue) Claim() {
	if !q.CanClaim() {
		return
	}
	q.Claiming = true
	q.act(q.jobs.Claim, func() { q.Claiming = false })
}

// CanPrint tells whether Print would print.
func (q *Queue) CanPrint() bool {
	return len(q.Next.IDs) > 0 && !q.Printing && q.Batch == nil && q.NoDecryption == ""
}

// Print prints the next batch.
func (q *Queue) Print() {
	if !q.CanPrint() {
		return
	}
	q.Printing = true
	ids := q.Next.IDs
	q.act(func(ctx context.Context) error { return q.jobs.PrintBatch(ctx, ids) }, func() { q.Printing = false })
}

// act runs a claim or a batch and shows its fault, that of the newest only.
func (q *Queue) act(do func(context.Context) error, done func()) {
	q.acted++
	n := q.acted
	q.Fault = nil
	q.asks.run(func(ctx context.Context) func() {
		err := do(ctx)
		return func() {
			done()
			if n == q.acted {
				q.Fault = faultOf(err)
			}
			q.Changed()
		}
	})
	q.Changed()
}

// Dismiss puts the last fault away.
func (q *Queue) Dismiss() {
	q.Fault = nil
	q.Changed()
}

// Close ends the work that runs and waits for it.
func (q *Queue) Close() { q.asks.close() }
