// Package review is the supervisors' way into the access journal. It lets in
// who may read it, and writes every reading down: opening it, a new selection,
// an entry, an export, a conclusion.
package review

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/verify"
)

// What is refused.
var (
	// ErrNotPermitted says that nobody is at work, or somebody who may not read
	// the journal.
	ErrNotPermitted = errors.New("the journal is for supervisors and admins")
	// ErrOwn says that nobody concludes a finding about themselves.
	ErrOwn = errors.New("the finding is about the person who wants to conclude it")
	// ErrNoFinding says that there is nothing unusual to conclude.
	ErrNoFinding = errors.New("the access is not unusual")
	// ErrReason says that a conclusion lacks one of Reasons.
	ErrReason = errors.New("a conclusion needs one of the reasons")
	// ErrExists says that a report would take the place of another file.
	ErrExists = errors.New("there is such a file already")
)

// Reason is why a finding is concluded, a code.
type Reason string

// The reasons.
const (
	Explained Reason = "explained" // asked, and in order
	Exercise  Reason = "exercise"  // a test, or somebody learning
	Fault     Reason = "fault"     // a technical fault
	Mistake   Reason = "mistake"   // a person's mistake, put right
	Incident  Reason = "incident"  // passed on as an incident
)

// Reasons lists the reasons in the order in which they are offered.
func Reasons() []Reason { return []Reason{Explained, Exercise, Fault, Mistake, Incident} }

// Person is who is at work.
type Person struct {
	Pseudonym string
	Role      string // operator, supervisor or admin
}

func (p Person) may() bool { return p.Role == "supervisor" || p.Role == "admin" }

// Quiet is how long one reading of the same thing by the same person is one
// entry: scrolling, coming back and looking again are.
const Quiet = 5 * time.Minute

// Config is what a Desk needs. Journal and Who are required.
type Config struct {
	Journal *journal.Journal
	Who     func() (Person, bool) // who is unlocked now; false for nobody
	Now     func() time.Time      // nil means time.Now
	Zone    *time.Location        // of times on paper; nil is the station's own
	Agreed  func() error          // why no report may be taken out now, nil when one may; nil for always
}

// Desk is where the journal is read. It is safe for concurrent use.
type Desk struct {
	journal *journal.Journal
	who     func() (Person, bool)
	now     func() time.Time
	zone    *time.Location
	agreed  func() error

	mu   sync.Mutex // guards all below
	by   string     // whose readings these are
	seen map[reading]time.Time
}

// reading is something that was read, as it is written down.
type reading struct{ object, reason string }

// New returns a desk.
func New(c Config) *Desk {
	d := &Desk{journal: c.Journal, who: c.Who, now: c.Now, zone: c.Zone, agreed: c.Agreed}
	if d.agreed == nil {
		d.agreed = func() error { return nil }
	}
	if d.now == nil {
		d.now = time.Now
	}
	if d.zone == nil {
		d.zone = time.Local
	}
	return d
}

// permitted is who reads, or ErrNotPermitted.
func (d *Desk) permitted() (Person, error) {
	p, ok := d.who()
	if !ok || !p.may() {
		return Person{}, ErrNotPermitted
	}
	return p, nil
}

// read lets a person read something and writes it down first, unless the same
// reading was written within Quiet. A reading that can't be written does not
// happen.
func (d *Desk) read(ctx context.Context, what reading) error {
	p, err := d.allowed(ctx)
	if err != nil {
		return err
	}
	return d.note(ctx, p, what, journal.OutcomeDone)
}

// allowed is permitted, and writes down that somebody tried who may not.
func (d *Desk) allowed(ctx context.Context) (Person, error) {
	p, err := d.permitted()
	if who, ok := d.who(); err != nil && ok {
		err = errors.Join(err, d.note(ctx, who, reading{reason: "not_permitted"}, journal.OutcomeRefused))
	}
	return p, err
}

// note writes a reading down, unless it was within Quiet.
func (d *Desk) note(ctx context.Context, p Person, what reading, o journal.Outcome) error {
	d.mu.Lock()
	defer d.mu.Unlock() // held while writing: two at once are one entry
	now := d.now()
	if d.by != p.Pseudonym {
		d.by, d.seen = p.Pseudonym, make(map[reading]time.Time)
	}
	for k, at := range d.seen {
		if age := now.Sub(at); age < 0 || age >= Quiet {
			delete(d.seen, k)
		}
	}
	if _, again := d.seen[what]; again {
		return nil
	}
	access := journal.Access{Actor: p.Pseudonym, Action: journal.ActionReview, Object: what.object, Reason: what.reason}
	if err := d.journal.Record(ctx, access, o); err != nil {
		return err
	}
	d.seen[what] = now
	return nil
}

// readingOf is what a selection is written down as: by what it selects, and the
// letter or else the person. Any time of the whole journal is one reading.
func readingOf(f journal.Filter) reading {
	r := reading{object: f.Object, reason: "opened"}
	selected := ""
	for _, part := range []struct {
		name string
		on   bool
	}{{"_person", f.Actor != ""}, {"_letter", f.Object != ""}, {"_action", f.Action != ""}, {"_unusual", f.Unusual}} {
		if part.on {
			selected += part.name
		}
	}
	if selected != "" {
		r.reason = "filter" + selected
	}
	if r.object == "" && f.Actor != journal.TheStation {
		r.object = f.Actor
	}
	if verify.CheckID(r.object) != nil {
		r.object = "" // no such person or letter can be in the journal
	}
	return r
}

// JournalStatus tells of the chain and its signatures; anybody may know.
func (d *Desk) JournalStatus() journal.Status { return d.journal.Status() }

// PrepareJournal brings the journal's index up to date before the first
// question, and tells how far it is.
func (d *Desk) PrepareJournal(ctx context.Context, progress func(done, total int64)) error {
	if _, err := d.permitted(); err != nil {
		return err
	}
	return d.journal.Index(ctx, progress)
}

// Accesses is journal.List for who may read it.
func (d *Desk) Accesses(ctx context.Context, f journal.Filter, before int64, limit int) ([]journal.Row, error) {
	if err := d.read(ctx, readingOf(f)); err != nil {
		return nil, err
	}
	return d.journal.List(ctx, f, before, limit)
}

// AccessHours counts accesses for who may read them: by the hour as long as a
// picture shows hours, else by the day.
func (d *Desk) AccessHours(ctx context.Context, f journal.Filter) ([]journal.Hour, error) {
	if err := d.read(ctx, readingOf(f)); err != nil {
		return nil, err
	}
	return d.journal.Counts(ctx, f, report.HoursUpTo)
}

// LetterOf is the letter that a printing attempt was of, "" when the journal
// does not know the attempt.
func (d *Desk) LetterOf(ctx context.Context, attempt string) (string, error) {
	if _, err := d.permitted(); err != nil {
		return "", err
	}
	return d.journal.ObjectOf(ctx, attempt)
}

// Detail is one access with all that is known of it.
type Detail struct {
	Row    journal.Row
	Proofs []Proof       // of the intent or record, and of the result
	About  []journal.Row // about the same letter, oldest first, Row among them
}

// Proof is a proof and what became of checking it.
type Proof struct {
	journal.Proof
	Err error // nil: proved. ErrUnsealed: not countersigned yet
}

// ReadAccess opens one access by the sequence of any of its entries.
func (d *Desk) ReadAccess(ctx context.Context, sequence int64) (Detail, error) {
	if err := d.read(ctx, reading{journal.EntryObject(sequence), "entry"}); err != nil {
		return Detail{}, err
	}
	row, err := d.journal.Read(ctx, sequence)
	if err != nil {
		return Detail{}, err
	}
	detail := Detail{Row: row}
	for _, s := range slices.Compact([]int64{row.Sequence, max(row.Result, row.Sequence)}) {
		p, err := d.journal.Prove(ctx, s)
		if err == nil {
			err = p.Check(d.journal.Keys())
		}
		if ctx.Err() != nil {
			return Detail{}, ctx.Err()
		}
		detail.Proofs = append(detail.Proofs, Proof{p, err})
	}
	detail.About, err = d.journal.About(ctx, row.Object)
	return detail, err
}

// Conclude closes a finding with a reason. The conclusion is an entry; a later
// one takes its place.
func (d *Desk) Conclude(ctx context.Context, sequence int64, why Reason) error {
	p, err := d.allowed(ctx)
	if err != nil {
		return err
	}
	if !slices.Contains(Reasons(), why) {
		return ErrReason
	}
	row, err := d.journal.Read(ctx, sequence)
	switch {
	case err != nil:
		return err
	case len(row.Rules) == 0:
		return ErrNoFinding
	case row.Actor == p.Pseudonym:
		return ErrOwn
	}
	return d.journal.Record(ctx, journal.Access{
		Actor: p.Pseudonym, Action: journal.ActionConclude, Object: journal.EntryObject(row.Sequence), Reason: string(why),
	}, journal.OutcomeDone)
}
