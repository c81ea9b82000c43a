package review

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/verify"
)

const attempt = "0123456789ABX"

// office is a journal with a desk, a person at it, and a clock.
type office struct {
	t       *testing.T
	journal *journal.Journal
	witness *checkpoint.Cosigner
	desk    *Desk
	person  *Person
	now     time.Time
}

func open(t *testing.T) *office {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, person: &Person{"p-3", "supervisor"}, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	if o.witness, err = checkpoint.NewCosigner("central.example/witness", priv); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return o.now }
	o.journal, err = journal.Open(t.Context(), journal.Config{
		Dir: t.TempDir(), Log: "bjet24.example/room/station-1", Signer: key, Witness: o.witness.Vkey(), Now: now,
		Hours: journal.WorkingHours{Zone: time.UTC},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.journal.Close() }) // some tests close it themselves
	o.desk = New(Config{Journal: o.journal, Now: now, Zone: time.UTC, Who: func() (Person, bool) {
		if o.person == nil {
			return Person{}, false
		}
		return *o.person, true
	}})
	return o
}

// work is a day's work: three letters shown and printed, one only shown.
func (o *office) work() {
	o.t.Helper()
	for i := range 4 {
		for _, action := range []journal.Action{journal.ActionPreview, journal.ActionPrint} {
			if i == 3 && action == journal.ActionPrint {
				continue
			}
			a := journal.Access{Actor: "p-1", Object: fmt.Sprintf("job-%d", i), Attempt: attempt, Action: action}
			p, err := o.journal.Intent(context.Background(), a)
			o.must(err)
			o.must(o.journal.Result(context.Background(), p, journal.OutcomeDone))
			o.now = o.now.Add(time.Minute)
		}
	}
	o.now = o.now.Add(journal.ViewedFor)
	o.must(o.journal.Record(context.Background(), journal.Access{Actor: "p-1", Action: journal.ActionUnlock}, journal.OutcomeDone))
}

func (o *office) seal() {
	o.t.Helper()
	n, err := o.journal.Checkpoint(context.Background())
	o.must(err)
	n, err = o.witness.Cosign(n, o.now)
	o.must(err)
	o.must(o.journal.Countersigned(context.Background(), n))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// written is what the journal has of reviews, as "actor reason object outcome".
func (o *office) written() (out []string) {
	o.t.Helper()
	entries, err := o.journal.Entries(context.Background(), 0, 1000)
	o.must(err)
	for _, b := range entries {
		e, err := verify.ParseEntry(b)
		o.must(err)
		switch journal.Action(e.Action) {
		case journal.ActionReview, journal.ActionExport, journal.ActionConclude:
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", e.Actor, e.Action, e.Reason, e.Object)))
		}
	}
	return out
}

func (o *office) wrote(want ...string) {
	o.t.Helper()
	if diff := cmp.Diff(want, o.written()); diff != "" {
		o.t.Errorf("in the journal, -want +got\n%s", diff)
	}
}

// TestOnlyWhoMayReads asks everything as nobody and as an operator: nothing is
// shown, and nothing was read; that the operator tried is written, once.
func TestOnlyWhoMayReads(t *testing.T) {
	o := open(t)
	o.work()
	ctx := t.Context()
	for _, who := range []*Person{nil, {"p-1", "operator"}, {"p-1", ""}} {
		o.person = who
		for name, ask := range map[string]func() error{
			"PrepareJournal": func() error { return o.desk.PrepareJournal(ctx, nil) },
			"Accesses": func() error {
				rows, err := o.desk.Accesses(ctx, journal.Filter{}, 0, 10)
				if len(rows) > 0 {
					t.Error("rows were shown")
				}
				return err
			},
			"AccessHours": func() error { _, err := o.desk.AccessHours(ctx, journal.Filter{}); return err },
			"LetterOf":    func() error { _, err := o.desk.LetterOf(ctx, attempt); return err },
			"ReadAccess":  func() error { _, err := o.desk.ReadAccess(ctx, 1); return err },
			"Conclude":    func() error { return o.desk.Conclude(ctx, 13, Explained) },
			"ExportAccesses": func() error {
				_, err := o.desk.ExportAccesses(ctx, Export{Format: report.CSV, Path: filepath.Join(t.TempDir(), "a.csv")})
				return err
			},
		} {
			if err := ask(); !errors.Is(err, ErrNotPermitted) {
				t.Errorf("%s as %v: %v", name, who, err)
			}
		}
	}
	o.wrote("p-1 review not_permitted")
}

// TestReadingsAreWrittenOnce: pages, pictures and the same selection again are
// one entry; a new selection, a new person and a later hour are another.
func TestReadingsAreWrittenOnce(t *testing.T) {
	o := open(t)
	o.work()
	ctx := t.Context()
	look := func(f journal.Filter) {
		t.Helper()
		rows, err := o.desk.Accesses(ctx, f, 0, 3)
		o.must(err)
		if len(rows) == 3 {
			_, err = o.desk.Accesses(ctx, f, rows[2].Sequence, 3)
			o.must(err)
		}
		_, err = o.desk.AccessHours(ctx, f)
		o.must(err)
	}
	look(journal.Filter{})
	look(journal.Filter{From: o.now.Add(-time.Hour)})
	look(journal.Filter{Actor: "p-1", Unusual: true})
	look(journal.Filter{Actor: "p-1", Unusual: true})
	look(journal.Filter{Object: "job-2", Actor: "p-1", Action: journal.ActionPrint})
	look(journal.Filter{Actor: journal.TheStation})
	look(journal.Filter{Object: "no such letter"})
	look(journal.Filter{})
	o.now = o.now.Add(Quiet)
	look(journal.Filter{})
	o.person = &Person{"p-4", "admin"}
	look(journal.Filter{})
	o.wrote("p-3 review opened", "p-3 review filter_person_unusual p-1", "p-3 review filter_person_letter_action job-2",
		"p-3 review filter_person", "p-3 review filter_letter", "p-3 review opened", "p-4 review opened")
}

// TestNothingIsReadThatCanNotBeWritten closes the journal for writing.
func TestNothingIsReadThatCanNotBeWritten(t *testing.T) {
	o := open(t)
	o.work()
	o.must(o.journal.Close())
	if rows, err := o.desk.Accesses(t.Context(), journal.Filter{}, 0, 10); !errors.Is(err, journal.ErrClosed) || len(rows) > 0 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	path := filepath.Join(t.TempDir(), "a.csv")
	if _, err := o.desk.ExportAccesses(t.Context(), Export{Format: report.CSV, Path: path}); err == nil {
		t.Error("exported")
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestAnEntryWithItsProofs(t *testing.T) {
	o := open(t)
	o.work()
	ctx := t.Context()
	d, err := o.desk.ReadAccess(ctx, 3)
	o.must(err)
	if len(d.Proofs) != 2 || !errors.Is(d.Proofs[0].Err, journal.ErrUnsealed) {
		t.Errorf("before the seal: %+v", d.Proofs)
	}
	o.seal()
	d, err = o.desk.ReadAccess(ctx, 4) // its result opens it too
	o.must(err)
	if d.Row.Sequence != 3 || len(d.About) != 2 || len(d.Proofs) != 2 || d.Proofs[0].Err != nil || d.Proofs[1].Err != nil {
		t.Errorf("%+v", d)
	}
	if d.Proofs[0].Sequence != 3 || d.Proofs[1].Sequence != 4 || d.Proofs[0].Leaf == d.Proofs[1].Leaf {
		t.Errorf("proofs of %d and %d", d.Proofs[0].Sequence, d.Proofs[1].Sequence)
	}
	if d, err = o.desk.ReadAccess(ctx, 15); err != nil || len(d.Proofs) != 1 {
		t.Errorf("a record: %+v, %v", d, err)
	}
	if _, err = o.desk.ReadAccess(ctx, 99); !errors.Is(err, journal.ErrRange) {
		t.Errorf("an entry that is not there: %v", err)
	}
	if letter, err := o.desk.LetterOf(ctx, attempt); err != nil || letter != "job-0" {
		t.Errorf("the letter of an attempt: %q, %v", letter, err)
	}
	o.wrote("p-3 review entry entry-3", "p-3 review entry entry-4", "p-3 review entry entry-15", "p-3 review entry entry-99")
}

func TestConclusions(t *testing.T) {
	o := open(t)
	o.work()
	ctx := t.Context()
	found, err := o.desk.Accesses(ctx, journal.Filter{Unusual: true}, 0, 10)
	o.must(err)
	if len(found) != 1 || found[0].Object != "job-3" || found[0].Rules[0] != journal.RuleViewed {
		t.Fatalf("found %+v", found)
	}
	finding := found[0].Sequence
	for err, try := range map[error]func() error{
		ErrReason:        func() error { return o.desk.Conclude(ctx, finding, "because") },
		ErrNoFinding:     func() error { return o.desk.Conclude(ctx, 1, Explained) },
		journal.ErrRange: func() error { return o.desk.Conclude(ctx, 999, Explained) },
		ErrOwn: func() error {
			o.person = &Person{"p-1", "supervisor"}
			defer func() { o.person = &Person{"p-3", "supervisor"} }()
			return o.desk.Conclude(ctx, finding, Explained)
		},
	} {
		if got := try(); !errors.Is(got, err) {
			t.Errorf("%v instead of %v", got, err)
		}
	}
	o.must(o.desk.Conclude(ctx, finding, Exercise))
	o.must(o.desk.Conclude(ctx, finding+1, Explained)) // by its result's number, once more
	found, err = o.desk.Accesses(ctx, journal.Filter{Unusual: true}, 0, 10)
	o.must(err)
	if c := found[0].Conclusion; c == nil || c.Actor != "p-3" || c.Reason != "explained" {
		t.Errorf("concluded as %+v", c)
	}
	object := journal.EntryObject(finding)
	o.wrote("p-3 review filter_unusual", "p-3 conclude exercise "+object, "p-3 conclude explained "+object)
}

// TestExportThatNobodyAgreedTo leaves no file and no entry.
func TestExportThatNobodyAgreedTo(t *testing.T) {
	o := open(t)
	o.work()
	entries, alone := o.journal.Size(), errors.New("another person has to agree")
	o.desk.agreed = func() error { return alone }
	dir := t.TempDir()
	_, err := o.desk.ExportAccesses(t.Context(), Export{Format: report.CSV, Path: filepath.Join(dir, "report.csv")})
	if !errors.Is(err, alone) || o.journal.Size() != entries {
		t.Errorf("%v, and %d entries more", err, o.journal.Size()-entries)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// TestExport has the separate verifier check what was written.
func TestExport(t *testing.T) {
	o := open(t)
	o.work()
	keys, err := verify.ParseKeys([]byte(o.journal.Vkeys()))
	o.must(err)
	dir := t.TempDir()
	for _, f := range report.Formats() {
		path := filepath.Join(dir, "report."+string(f))
		e := Export{Filter: journal.Filter{Actor: "p-1"}, Format: f, Path: path, Words: func(key string) string { return key }}
		got, err := o.desk.ExportAccesses(t.Context(), e)
		o.must(err)
		body, err := os.ReadFile(got.Path)
		o.must(err)
		note, err := os.ReadFile(got.Note)
		o.must(err)
		said, err := verify.File(bytes.NewReader(body), note, keys)
		if err != nil || said.Accesses != 8 || got.Accesses != 8 || said.Format != string(f) || !said.Whole {
			t.Errorf("%s: %+v, %v", f, said, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
		if f == report.CSV {
			if rows, err := csv.NewReader(bytes.NewReader(body)).ReadAll(); err != nil || len(rows) != 9 {
				t.Errorf("%d rows, %v", len(rows), err)
			}
		}
		if _, err := o.desk.ExportAccesses(t.Context(), e); !errors.Is(err, ErrExists) {
			t.Errorf("%s over itself: %v", f, err)
		}
	}
	if w := o.written(); len(w) != 3 || !strings.HasPrefix(w[1], "p-3 export csv report-") {
		t.Errorf("in the journal: %v", w)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 6 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if _, err := o.desk.ExportAccesses(t.Context(), Export{Format: report.CSV, Path: filepath.Join(dir, "no", "such.csv")}); err == nil {
		t.Error("exported to a folder that is not there")
	}
}

func TestVerify(t *testing.T) {
	o := open(t)
	o.work()
	o.seal()
	var stages []Stage
	v, err := o.desk.VerifyJournal(t.Context(), func(p Progress) { stages = append(stages, p.Stage) })
	if err != nil || v.Entries != 15 || v.Checkpoints != 2 {
		t.Errorf("%+v, %v", v, err)
	}
	if diff := cmp.Diff([]Stage{ReadingEntries, ReadingIndex}, slices.Compact(stages)); diff != "" {
		t.Error(diff)
	}
	if s := o.desk.JournalStatus(); s.Verified != 15 || !s.VerifiedAt.Equal(o.now) {
		t.Errorf("%+v", s)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := o.desk.VerifyJournal(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	o.person = nil
	if _, err := o.desk.VerifyJournal(t.Context(), nil); err != nil {
		t.Errorf("by a command: %v", err)
	}
	o.wrote("p-3 review verify", "p-3 review verify", "review verify")
}
