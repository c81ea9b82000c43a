package viewmodel

import (
	"context"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// Reviewer is the supervisors' way into the journal. It refuses whoever may not
// read it and writes every reading down by itself.
type Reviewer interface {
	// JournalStatus never waits.
	JournalStatus() journal.Status
	PrepareJournal(ctx context.Context, progress func(done, total int64)) error
	Accesses(ctx context.Context, f journal.Filter, before int64, limit int) ([]journal.Row, error)
	AccessHours(ctx context.Context, f journal.Filter) ([]journal.Hour, error)
	LetterOf(ctx context.Context, attempt string) (string, error)
	ReadAccess(ctx context.Context, sequence int64) (review.Detail, error)
	Conclude(ctx context.Context, sequence int64, why review.Reason) error
	ExportAccesses(ctx context.Context, e review.Export) (review.Exported, error)
	// Approve has the second person's PIN checked and written down, where the
	// room's policy wants a second person for an act; nil at once where not.
	Approve(ctx context.Context, act wire.SecondPersonAct, object string, second *station.Second) error
	VerifyJournal(ctx context.Context, progress func(review.Progress)) (journal.Verification, error)
}

// JournalPage is how many accesses are read at once, and JournalMost how many
// are ever shown of one selection: who wants more narrows it, or exports it.
const (
	JournalPage = 200
	JournalMost = 20_000
)

// Journal is the screen of the access journal.
type Journal struct {
	Permitted bool           // who is here may read it
	Status    journal.Status // chain, signature, countersignature
	Ready     bool           // a first answer is shown
	Loading   bool
	Prepared  float64        // how much of the index is there while loading for the first time, 0 to 1
	Fault     *station.Fault // of the last loading or act
	Newer     int64          // entries since what is shown was read

	Filter   JournalFilter
	Letter   string // the object that Filter.Letter stands for, "" for none
	Unknown  bool   // Filter.Letter stands for nothing in the journal
	Bar      int    // of Picture: only its accesses are in Rows; −1 for none
	Rows     []journal.Row
	More     bool // there are more rows, up to JournalMost
	Selected int64
	Picture  report.Picture
	People   []Reader // those with accesses in the period, and whoever is filtered by
	Total    int64    // accesses that the filter selects, Bar aside
	Findings int64    // of them, those unusual
	Unsolved int64    // of those, the ones that nobody concluded

	Detail    *review.Detail // the access that is open, nil for none
	Opening   bool
	Verifying bool
	Progress  review.Progress
	Verified  bool // the last verification of this person's found the journal whole
	Exporting bool
	Consent   *Consent // of the second person who lets a file be written, nil for none
	Exported  *review.Exported
	Changed   func()

	asks    *asks
	desk    Reviewer
	staff   Staff
	now     Clock
	who     string
	policy  station.Policy
	wish    review.Export // what Consent is about
	names   map[string]station.Person
	order   []string       // pseudonyms as the staff list has them
	colours map[string]int // of people, kept while they look
	hours   []journal.Hour // of everybody
	from    time.Time      // of Picture
	to      time.Time
	latest  int // number of the newest question
	opened  int // number of the newest opening
	typed   int // number of the newest change of the letter
	known   int64
	more    bool   // a further page is under way
	stop    func() // ends the verification
	pause   time.Duration
}

// Reader is one person of the legend.
type Reader struct {
	Pseudonym string // journal.TheStation for the station itself
	Name      string // "" when the staff list does not know the pseudonym any more
	Colour    int    // which of the colours of people; −1 is the station's
	Accesses  int64
	Unusual   int64
	Open      int64 // findings that nobody concluded
}

// NewJournal returns a journal that nobody looks at yet.
func NewJournal(desk Reviewer, staff Staff, post Poster, now Clock) *Journal {
	return &Journal{
		asks: newAsks(post), desk: desk, staff: staff, now: now, Changed: func() {}, Bar: -1,
		Filter: JournalFilter{Period: PeriodToday}, pause: letterPause, stop: func() {},
	}
}

// Show takes a newer snapshot. Another person begins anew; the status moves on.
func (j *Journal) Show(s station.Snapshot) {
	who, role := "", ""
	if s.Person != nil {
		who, role = s.Person.Pseudonym, s.Person.Role
	}
	if who != j.who {
		j.forget()
		j.who = who
	}
	j.Permitted = role == "supervisor" || role == "admin"
	j.policy = s.Policy
	status := j.desk.JournalStatus()
	j.Newer = max(0, status.Entries-j.known)
	if status != j.Status {
		j.Status = status
		j.Changed()
	}
}

// forget puts away all that was read.
func (j *Journal) forget() {
	j.stop()
	j.latest, j.opened, j.typed = j.latest+1, j.opened+1, j.typed+1
	period := j.Filter.Period
	keep := *j
	*j = Journal{
		asks: keep.asks, desk: keep.desk, staff: keep.staff, now: keep.now, Changed: keep.Changed, Bar: -1,
		Filter: JournalFilter{Period: period}, pause: keep.pause, stop: func() {},
		latest: keep.latest, opened: keep.opened, typed: keep.typed,
	}
	j.Changed()
}

// Lock is what a lock of the window means for it.
func (j *Journal) Lock() { j.forget() }

// Enter is called when the screen comes into sight: the journal is read then,
// and not before.
func (j *Journal) Enter() {
	if j.Permitted && !j.Ready && !j.Loading {
		j.Reload()
	}
}

// Reload reads the selection anew.
func (j *Journal) Reload() {
	if !j.Permitted {
		return
	}
	j.latest++
	n, first := j.latest, !j.Ready
	ask := j.question()
	j.Loading, j.Fault = true, nil
	j.asks.run(func(ctx context.Context) func() {
		if first {
			if err := j.desk.PrepareJournal(ctx, j.preparing(n)); err != nil {
				return j.failed(n, err)
			}
		}
		got, err := ask.run(ctx)
		if err != nil {
			return j.failed(n, err)
		}
		return func() {
			if n == j.latest {
				j.show(got)
			}
		}
	})
	j.Changed()
}

// preparing posts how far the index is.
func (j *Journal) preparing(n int) func(done, total int64) {
	return func(done, total int64) {
		j.asks.later(func() {
			if n == j.latest && total > 0 {
				j.Prepared = float64(done) / float64(total)
				j.Changed()
			}
		})
	}
}

func (j *Journal) failed(n int, err error) func() {
	return func() {
		if n == j.latest {
			j.Loading, j.more, j.Fault = false, false, journalFault(err)
			j.Changed()
		}
	}
}

// show takes an answer.
func (j *Journal) show(got journalAnswer) {
	j.Loading, j.Ready, j.more = false, true, false
	j.names, j.order = got.names, got.order
	j.Rows, j.More = got.rows, len(got.rows) == JournalPage
	j.hours, j.from, j.to = got.hours, got.from, got.to
	j.settle()
	j.draw()
	if j.selected() < 0 {
		j.Selected = 0
	}
	j.Changed()
}

// settle notes that what is shown is up to date, own readings included.
func (j *Journal) settle() {
	j.Status = j.desk.JournalStatus()
	j.known, j.Newer = j.Status.Entries, 0
}

// Need asks for the next page when a row near the end is drawn.
func (j *Journal) Need(row int) {
	if !j.More || j.more || j.Loading || row < len(j.Rows)-JournalPage/4 {
		return
	}
	j.more = true
	n, before, f := j.latest, j.Rows[len(j.Rows)-1].Sequence, j.rowFilter()
	j.asks.run(func(ctx context.Context) func() {
		rows, err := j.desk.Accesses(ctx, f, before, JournalPage)
		if err != nil {
			return j.failed(n, err)
		}
		return func() {
			if n != j.latest {
				return
			}
			j.more = false
			j.Rows = append(j.Rows, rows...)
			j.More = len(rows) == JournalPage && len(j.Rows) < JournalMost
			j.Changed()
		}
	})
}

// Name is a person's name, the pseudonym where the staff list has none, "" for
// the station itself.
func (j *Journal) Name(pseudonym string) string {
	if p, ok := j.names[pseudonym]; ok {
		return p.Name
	}
	return pseudonym
}

// Select marks a row; nothing is opened by that.
func (j *Journal) Select(sequence int64) {
	if sequence != j.Selected {
		j.Selected = sequence
		j.Changed()
	}
}

// Row is the place of the marked row, −1 for none.
func (j *Journal) Row() int { return j.selected() }

func (j *Journal) selected() int {
	low, high := 0, len(j.Rows) // newest first
	for low < high {
		mid := (low + high) / 2
		if j.Rows[mid].Sequence > j.Selected {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low < len(j.Rows) && j.Rows[low].Sequence == j.Selected {
		return low
	}
	return -1
}

// Dismiss puts the last fault and the last export's notice away.
func (j *Journal) Dismiss() {
	j.Fault, j.Exported, j.Verified = nil, nil, false
	j.Changed()
}

// Close ends the work that runs and waits for it.
func (j *Journal) Close() { j.asks.close() }

// Keep is what is remembered of the screen for the person.
func (j *Journal) Keep() map[string]string {
	return map[string]string{"period": string(j.Filter.Period)}
}

// Recall brings back what was kept.
func (j *Journal) Recall(kept map[string]string) {
	if p := Period(kept["period"]); slices.Contains(Periods(), p) {
		j.Filter.Period = p
	}
}
