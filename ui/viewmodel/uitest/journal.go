package uitest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// Book is an access journal made of memory. It refuses whom the real one
// refuses, writes every reading down, and lets nobody conclude a finding about
// themselves.
type Book struct {
	Rows   []journal.Row // oldest first; set before it is used
	Status journal.Status
	Start  journal.Start
	Months []journal.Shard
	Steps  int // of a verification, and of the first preparation

	read []string // what was read, as "actor reason object"
}

// Book gives the station a journal with these accesses.
func (s *Station) Book(b *Book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.book = b
}

// Read returns what was written down of readings.
func (s *Station) Read() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.theBook().read)
}

// theBook is the journal there is. Callers hold mu.
func (s *Station) theBook() *Book {
	if s.book == nil {
		s.book = &Book{}
	}
	return s.book
}

// reads lets who may read in, and writes it down once in a row.
func (s *Station) reads(ctx context.Context, method, reason, object string) (*Book, error) {
	if err := s.wait(ctx, method); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.snap.Person
	if p == nil || p.Role == "operator" {
		return nil, review.ErrNotPermitted
	}
	b := s.theBook()
	if line := fmt.Sprintf("%s %s %s", p.Pseudonym, reason, object); reason != "" && (len(b.read) == 0 || b.read[len(b.read)-1] != line) {
		b.read = append(b.read, line)
		b.Status.Entries++
	}
	return b, nil
}

// JournalStatus tells of the chain and its signatures.
func (s *Station) JournalStatus() journal.Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.theBook().Status
}

// PrepareJournal takes its steps.
func (s *Station) PrepareJournal(ctx context.Context, progress func(done, total int64)) error {
	b, err := s.reads(ctx, "prepare", "", "")
	if err != nil {
		return err
	}
	for i := range b.Steps {
		if err := s.wait(ctx, "prepare"); err != nil {
			return err
		}
		progress(int64(i+1), int64(b.Steps))
	}
	return nil
}

func selects(f journal.Filter, r journal.Row) bool {
	return (f.Actor == "" || f.Actor == r.Actor || f.Actor == journal.TheStation && r.Actor == "") &&
		(f.Object == "" || f.Object == r.Object) && (f.Action == "" || f.Action == r.Action) &&
		(f.From.IsZero() || !r.Time.Before(f.From)) && (f.To.IsZero() || r.Time.Before(f.To)) &&
		(!f.Unusual || len(r.Rules) > 0)
}

func reasonOf(f journal.Filter) string {
	f.From, f.To = time.Time{}, time.Time{}
	if f == (journal.Filter{}) {
		return "opened"
	}
	return "filter"
}

// Accesses gives a page.
func (s *Station) Accesses(ctx context.Context, f journal.Filter, before int64, limit int) ([]journal.Row, error) {
	b, err := s.reads(ctx, "accesses", reasonOf(f), f.Object+f.Actor)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []journal.Row
	for _, r := range slices.Backward(b.Rows) {
		if (before == 0 || r.Sequence < before) && len(out) < limit && selects(f, r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// AccessHours counts.
func (s *Station) AccessHours(ctx context.Context, f journal.Filter) ([]journal.Hour, error) {
	b, err := s.reads(ctx, "hours", "", "")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []journal.Hour
	for _, r := range b.Rows {
		if !selects(f, r) {
			continue
		}
		start := r.Time.UTC().Truncate(time.Hour)
		i := slices.IndexFunc(out, func(h journal.Hour) bool { return h.Start.Equal(start) && h.Actor == r.Actor })
		if i < 0 {
			out = append(out, journal.Hour{Start: start, Actor: r.Actor})
			i = len(out) - 1
		}
		out[i].Accesses++
		if len(r.Rules) > 0 {
			out[i].Unusual++
			if r.Conclusion == nil {
				out[i].Open++
			}
		}
	}
	return out, nil
}

// LetterOf finds the letter of an attempt.
func (s *Station) LetterOf(ctx context.Context, attempt string) (string, error) {
	b, err := s.reads(ctx, "letter", "", "")
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range b.Rows {
		if r.Attempt == attempt {
			return r.Object, nil
		}
	}
	return "", nil
}

// ReadAccess opens an access; what lies after the seal is not proved.
func (s *Station) ReadAccess(ctx context.Context, sequence int64) (review.Detail, error) {
	b, err := s.reads(ctx, "access", "entry", journal.EntryObject(sequence))
	if err != nil {
		return review.Detail{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(b.Rows, func(r journal.Row) bool { return r.Sequence == sequence || r.Result == sequence })
	if i < 0 {
		return review.Detail{}, journal.ErrRange
	}
	d := review.Detail{Row: b.Rows[i]}
	for _, n := range slices.Compact([]int64{d.Row.Sequence, max(d.Row.Result, d.Row.Sequence)}) {
		d.Proofs = append(d.Proofs, b.proof(n))
	}
	for _, r := range b.Rows {
		if r.Object != "" && r.Object == d.Row.Object {
			d.About = append(d.About, r)
		}
	}
	return d, nil
}

func (b *Book) proof(sequence int64) review.Proof {
	hash := func(what string) tlog.Hash { return sha256.Sum256(fmt.Appendf(nil, "%s %d", what, sequence)) }
	p := review.Proof{Proof: journal.Proof{
		Sequence: sequence, Entry: fmt.Appendf(nil, `{"action":"preview","sequence":%d,"version":1}`, sequence), Leaf: hash("leaf"), Size: b.Status.Sealed, Root: sha256.Sum256([]byte("root")), SealedAt: b.Status.SealedAt,
		Note: fmt.Appendf(nil, "bjet24.example/room/station-1\n%d\nroot\n\n— bjet24.example/room/station-1 sig\n— central.example/witness sig\n", b.Status.Sealed),
	}}
	if b.Status.Broken != nil {
		p.Err = b.Status.Broken
	} else if sequence > b.Status.Sealed {
		p.Err = journal.ErrUnsealed
	}
	for i := range 13 {
		p.Path = append(p.Path, hash(fmt.Sprint("path ", i)))
	}
	return p
}

// Conclude closes a finding.
func (s *Station) Conclude(ctx context.Context, sequence int64, why review.Reason) error {
	b, err := s.reads(ctx, "conclude", "conclude_"+string(why), journal.EntryObject(sequence))
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(b.Rows, func(r journal.Row) bool { return r.Sequence == sequence })
	switch {
	case i < 0:
		return journal.ErrRange
	case len(b.Rows[i].Rules) == 0:
		return review.ErrNoFinding
	case b.Rows[i].Actor == s.snap.Person.Pseudonym:
		return review.ErrOwn
	}
	b.Rows = slices.Clone(b.Rows)
	b.Rows[i].Conclusion = &journal.Conclusion{Sequence: b.Status.Entries, Time: time.Now(), Actor: s.snap.Person.Pseudonym, Reason: string(why)}
	return nil
}

// ExportAccesses counts what it would write, and writes nothing.
func (s *Station) ExportAccesses(ctx context.Context, e review.Export) (review.Exported, error) {
	b, err := s.reads(ctx, "export", "export_"+string(e.Format), "")
	if err != nil {
		return review.Exported{}, err
	}
	if e.Path == "" || !slices.Contains(report.Formats(), e.Format) {
		return review.Exported{}, errors.New("no such file")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	out := review.Exported{Path: e.Path, Note: e.Path + review.NoteSuffix}
	for _, r := range b.Rows {
		if selects(e.Filter, r) {
			out.Accesses++
		}
	}
	out.Size = 90 * out.Accesses
	return out, nil
}

// JournalStart tells where it begins.
func (s *Station) JournalStart() journal.Start {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.theBook().Start
}

// JournalShards tells its months.
func (s *Station) JournalShards(ctx context.Context) ([]journal.Shard, error) {
	b, err := s.reads(ctx, "shards", "", "")
	if err != nil {
		return nil, err
	}
	return b.Months, nil
}

// ExportJournal writes a line for each entry that it would write.
func (s *Station) ExportJournal(ctx context.Context, entries, keys io.Writer, span journal.Span) (int64, error) {
	b, err := s.reads(ctx, "archive", "archive", "")
	if err != nil {
		return 0, err
	}
	first, last := b.Start.Size+1, b.Status.Sealed
	if span.Shard != nil {
		first, last = span.Shard.First, span.Shard.Last
	} else if span.Unsealed {
		last = b.Status.Entries
	}
	_, err = fmt.Fprintf(entries, "%d-%d\n", first, last)
	_, also := fmt.Fprintln(keys, "vkey")
	return b.Status.Entries - b.Status.Sealed, errors.Join(err, also)
}

// VerifyJournal takes its steps and finds what Status.Broken says.
func (s *Station) VerifyJournal(ctx context.Context, progress func(review.Progress)) (journal.Verification, error) {
	total := s.JournalStatus().Entries
	for i, steps := int64(0), int64(max(1, s.steps())); i < steps; i++ {
		if err := s.wait(ctx, "verify"); err != nil {
			return journal.Verification{}, err
		}
		progress(review.Progress{Stage: review.ReadingEntries, Done: total * (i + 1) / steps, Total: total})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.theBook()
	if b.Status.Broken != nil {
		return journal.Verification{Entries: 11}, &station.Fault{Code: station.JournalBroken, Err: b.Status.Broken}
	}
	b.Status.Verified, b.Status.VerifiedAt = total, time.Now()
	return journal.Verification{Entries: total}, nil
}

func (s *Station) steps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.theBook().Steps
}
