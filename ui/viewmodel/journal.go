package viewmodel

import (
	"context"
	"io"
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
	// JournalStart is where the journal that is here begins. It never waits.
	JournalStart() journal.Start
	// JournalShards are the months of it, the oldest first.
	JournalShards(ctx context.Context) ([]journal.Shard, error)
	// ExportJournal writes the journal itself, for who verifies it, and the keys
	// for that. It writes the export down first, and refuses while Approve has
	// not been called where the policy wants a second person. unsealed is how
	// many entries no countersignature covers, written or not.
	ExportJournal(ctx context.Context, entries, keys io.Writer, s journal.Span) (unsealed int64, err error)
	// Approve has the second person's PIN checked and written down, where the
	// room's policy wants a second person for an act; nil at once where not.
	Approve(ctx context.Context, act wire.SecondPersonAct, object string, second *station.Second) error
	VerifyJournal(ctx context.Context, progress func(review.Progress)) (journal.Verification, error)
}

// Journal is the screen of the access journal.
type Journal struct {
	Permitted bool           // who is here may read it
	Status    journal.Status // chain, signature, countersignature
	Ready     bool           // a first answer is shown
	Loading   bool
	Fault     *station.Fault // of the last loading or act
	// Preparing is how far the journal's index is, while it is made for the first
	// question.
	Preparing Preparing
	Paused    bool // the person stopped that; F5 goes on
	// NoDecryption is why no letter can be opened, "" when they can.
	NoDecryption station.FaultCode
	Start        journal.Start   // where the journal that is here begins
	Dated        bool            // Months was read
	Months       []journal.Shard // of it, the oldest first
	Newer        int64           // entries since what is shown was read

	Filter    JournalFilter
	Typing    bool      // somebody is about to type from when to when
	SpanFault SpanFault // why the times that were typed last are none, "" when they are
	Letter    string    // the object that Filter.Letter stands for, "" for none
	Unknown   bool      // Filter.Letter stands for nothing in the journal
	Bar       int       // of Picture: only its accesses are in the table; −1 for none
	Selected  int64     // the marked access, 0 for none
	Picture   report.Picture
	People    []Reader // those with accesses in the period, and whoever is filtered by
	Total     int64    // accesses that the filter selects, Bar aside
	Findings  int64    // of them, those unusual
	Unsolved  int64    // of those, the ones that nobody concluded

	Detail    *review.Detail // the access that is open, nil for none
	Opening   bool
	Verifying bool
	Progress  review.Progress
	Verified  bool // the last verification of this person's found the journal whole
	Exporting bool
	Consent   *Consent         // of the second person who lets a file be written, nil for none
	Exported  *review.Exported // the report that was written last
	Archived  *Archived        // the journal itself, that was
	Changed   func()

	asks    *asks
	desk    Reviewer
	staff   Staff
	now     Clock
	who     string
	policy  station.Policy
	wish    exporting // what Consent is about
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
	rows    journalRows
	at      int     // place of the marked access, −1 for none
	wanted  int     // place of the access that is to be read next, −1 for none
	paging  bool    // accesses are being read
	halted  bool    // reading them failed
	trail   []Times // that the picture was narrowed from, the widest first
	dated   int64   // Status.Sealed when Months was read
	stop    func()  // ends the verification
	leave   func()  // ends the question that is under way
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
		asks: newAsks(post), desk: desk, staff: staff, now: now, Changed: func() {}, Bar: -1, at: -1, wanted: -1,
		Filter: JournalFilter{Times: Times{Period: PeriodToday}}, pause: letterPause, stop: func() {}, leave: func() {},
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
	j.policy, j.NoDecryption = s.Policy, s.NoDecryption
	status, start := j.desk.JournalStatus(), j.desk.JournalStart()
	if j.Ready {
		j.Newer = max(0, status.Entries-j.known)
	}
	if status != j.Status || start != j.Start {
		j.Status, j.Start = status, start
		j.Changed()
	}
}

// forget puts away all that was read.
func (j *Journal) forget() {
	j.stop()
	j.leave()
	j.latest, j.opened, j.typed = j.latest+1, j.opened+1, j.typed+1
	period := j.Filter.Period
	if period == PeriodSpan {
		period = PeriodToday
	}
	keep := *j
	*j = Journal{
		asks: keep.asks, desk: keep.desk, staff: keep.staff, now: keep.now, Changed: keep.Changed, Bar: -1, at: -1, wanted: -1,
		Filter: JournalFilter{Times: Times{Period: period}}, pause: keep.pause, stop: func() {}, leave: func() {},
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
	j.Loading, j.Paused, j.Fault = true, false, nil
	j.Preparing = j.Preparing.again()
	j.paging, j.halted, j.wanted = false, false, -1
	j.leave()
	var ctx context.Context
	ctx, j.leave = context.WithCancel(j.asks.ctx)
	j.asks.run(func(context.Context) func() {
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

func (j *Journal) failed(n int, err error) func() {
	return func() {
		if n == j.latest {
			j.Loading, j.paging, j.halted, j.Fault = false, false, true, journalFault(err)
			j.Changed()
		}
	}
}

// show takes an answer.
func (j *Journal) show(got journalAnswer) {
	j.Loading, j.Ready, j.Preparing = false, true, Preparing{}
	j.names, j.order = got.names, got.order
	j.rows = got.rows
	j.hours, j.from, j.to = got.hours, got.from, got.to
	j.settle()
	j.draw()
	j.months()
	if j.at = j.rows.place(j.Selected); j.at < 0 {
		j.Selected = 0
	}
	j.Changed()
}

// settle notes that what is shown is up to date, own readings included.
func (j *Journal) settle() {
	j.Status, j.Start = j.desk.JournalStatus(), j.desk.JournalStart()
	j.known, j.Newer = j.Status.Entries, 0
}

// Name is a person's name, the pseudonym where the staff list has none, "" for
// the station itself.
func (j *Journal) Name(pseudonym string) string {
	if p, ok := j.names[pseudonym]; ok {
		return p.Name
	}
	return pseudonym
}

// Dismiss puts the last fault and the last export's notice away.
func (j *Journal) Dismiss() {
	j.Fault, j.Exported, j.Archived, j.Verified = nil, nil, nil, false
	j.Changed()
}

// Close ends the work that runs and waits for it.
func (j *Journal) Close() { j.asks.close() }

// Keep is what is remembered of the screen for the person.
func (j *Journal) Keep() map[string]string {
	if j.Filter.Period == PeriodSpan {
		return nil // another day it means nothing
	}
	return map[string]string{"period": string(j.Filter.Period)}
}

// Recall brings back what was kept.
func (j *Journal) Recall(kept map[string]string) {
	if p := Period(kept["period"]); p != PeriodSpan && slices.Contains(Periods(), p) {
		j.Filter.Times = Times{Period: p}
	}
}
