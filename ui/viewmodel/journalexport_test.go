package viewmodel_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal"
)

// TestJournalIsArchived whole, with what is not countersigned, and by month; a
// file that is there stays, and nothing is left beside it.
func TestJournalIsArchived(t *testing.T) {
	o := newOffice(t, 2, 40)
	o.Enter()
	o.settle()
	o.loop.Until(func() bool { return len(o.Months) > 0 })
	dir, st, month := t.TempDir(), o.Status, o.Months[0]
	for i, c := range []struct {
		span journal.Span
		want string
	}{
		{journal.Span{}, fmt.Sprintf("1-%d\n", st.Sealed)},
		{journal.Span{Unsealed: true}, fmt.Sprintf("1-%d\n", st.Entries+1)}, // the export is one
		{journal.Span{Shard: &month}, fmt.Sprintf("%d-%d\n", month.First, month.Last)},
	} {
		path := filepath.Join(dir, fmt.Sprintf("%d.jsonl", i))
		o.Archive(path, c.span)
		o.settle()
		got, err := os.ReadFile(path)
		if err != nil || string(got) != c.want || o.Fault != nil {
			t.Errorf("%+v: %q, %v, %v", c.span, got, err, o.Fault)
		}
		if a := o.Archived; a == nil || a.Path != path || a.Keys != filepath.Join(dir, fmt.Sprintf("%d.vkey", i)) || a.Span != c.span || a.Unsealed == 0 {
			t.Errorf("%+v: %+v", c.span, a)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "there.vkey"), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Archive(filepath.Join(dir, "there.jsonl"), journal.Span{})
	if o.settle(); o.Fault == nil || o.Fault.Code != station.FileExists || o.Archived != nil {
		t.Errorf("over another file: %v, %+v", o.Fault, o.Archived)
	}
	o.at.Fail("archive", &station.Fault{Code: station.DiskFull})
	o.Archive(filepath.Join(dir, "full.jsonl"), journal.Span{})
	if o.settle(); o.Fault == nil || o.Fault.Code != station.DiskFull {
		t.Errorf("on a full disk: %v", o.Fault)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 7 {
		t.Errorf("%v lie there, %v", left, err)
	}
}

// TestJournalArchiveAsksASecondPerson where the room's policy wants one: nothing
// is written before.
func TestJournalArchiveAsksASecondPerson(t *testing.T) {
	o := newOffice(t, 2, 1)
	o.at.Change(func(c *station.Snapshot) { c.Policy = uitest.Strict() })
	o.Show(o.at.Snapshot())
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	o.Archive(path, journal.Span{})
	o.loop.Until(func() bool { return o.Consent != nil && !o.Consent.Loading })
	if _, err := os.Stat(path); err == nil || o.Exporting {
		t.Error("it is written already")
	}
	if !o.LeaveExport() || o.Consent != nil {
		t.Error("it can't be given up")
	}
}

// TestJournalWithoutDecryption: everything that opens no letter works.
func TestJournalWithoutDecryption(t *testing.T) {
	o := newOffice(t, 2, 5)
	o.at.Change(func(c *station.Snapshot) { c.NoDecryption = station.JournalBroken })
	o.book.Status.Broken = &journal.BrokenError{Sequence: 7, What: "the entry is missing"}
	o.Show(o.at.Snapshot())
	o.Enter()
	o.shows("today", today)
	if o.NoDecryption != station.JournalBroken || o.Status.Broken == nil {
		t.Errorf("the mode is %q, %v", o.NoDecryption, o.Status.Broken)
	}
	o.Open(o.Row(0).Sequence)
	o.settle()
	path := filepath.Join(t.TempDir(), "journal.jsonl")
	o.Archive(path, journal.Span{Unsealed: true})
	o.settle()
	if o.Detail == nil || o.Detail.Proofs[0].Err == nil || o.Archived == nil || o.Fault != nil {
		t.Errorf("open %+v, written %+v, %v", o.Detail, o.Archived, o.Fault)
	}
}

// TestJournalTellsWhereItBegins: the months come after the accesses, and a
// station that forgets one tells it.
func TestJournalTellsWhereItBegins(t *testing.T) {
	o := newOffice(t, 2, 40)
	o.Enter()
	o.settle()
	o.loop.Until(func() bool { return len(o.Months) == 2 })
	o.book.Start = journal.Start{Size: o.Months[0].Last, SealedAt: o.Months[0].SealedAt}
	o.book.Months = o.book.Months[1:]
	o.book.Status.Sealed++
	changed := 0
	o.Changed = func() { changed++ }
	o.Show(o.at.Snapshot())
	if o.Start.Size == 0 || changed == 0 {
		t.Errorf("it begins with %+v", o.Start)
	}
	o.Reload()
	o.loop.Until(func() bool { return len(o.Months) == 1 })
	if m := o.Months[0].Month; m.Month() != time.November {
		t.Errorf("the month that is left is %v", m)
	}
}

// TestUnsealedAccessesAreToldApart by their intent or their result.
func TestUnsealedAccessesAreToldApart(t *testing.T) {
	o := newOffice(t, 2, 1)
	o.Enter()
	o.settle()
	for i := range 10 {
		r := o.Row(i)
		if want := r.Sequence > o.Status.Sealed || r.Result > o.Status.Sealed; o.Unsealed(r) != want {
			t.Errorf("entries %d and %d of %d: %v", r.Sequence, r.Result, o.Status.Sealed, !want)
		}
	}
	if !o.Unsealed(&journal.Row{Sequence: o.Status.Sealed, Result: o.Status.Sealed + 1}) || o.Unsealed(&journal.Row{Sequence: o.Status.Sealed}) {
		t.Error("a result after the seal counts, an intent at it does not")
	}
}
