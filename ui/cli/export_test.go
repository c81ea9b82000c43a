package cli

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
)

func TestExport(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	r.wantExit(t, 0, "journal", "export", t.TempDir())
	if r.err.Len() != 0 {
		t.Errorf("everything is in it, and it said %q", r.err.String())
	}
	r.room.unsealed = 7
	r.wantExit(t, 0, "journal", "export", dir)
	r.wantSaid(t, "7 entries", "left out")
	for name, want := range map[string]string{"journal.jsonl": "entries\n", "journal.vkey": "keys\n"} {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		noError(t, err)
		text, err := os.ReadFile(path)
		noError(t, err)
		if info.Mode().Perm() != 0o600 || string(text) != want {
			t.Errorf("%s has mode %v and holds %q", name, info.Mode(), text)
		}
	}
	if got := strings.Join(r.room.asked, ","); got != "export,close,export,close" {
		t.Errorf("the room was asked %s", got)
	}
}

// TestExportReplacesNothing: an older export may hold months that are forgotten.
func TestExportReplacesNothing(t *testing.T) {
	for name, args := range map[string][]string{
		"journal.jsonl": nil, "journal.vkey": nil, "journal-2026-09.jsonl": {"--month", "2026-09"}, "1-journal.vkey": {"--all"},
	} {
		r, dir := newRun(t, "en", ""), t.TempDir()
		r.room.months = months()
		path := filepath.Join(dir, name)
		noError(t, os.WriteFile(path, []byte("old"), 0o600))
		r.wantExit(t, 1, append([]string{"journal", "export", dir}, args...)...)
		r.wantSaid(t, r.Texts.Say("fault.file_exists.what"), name)
		text, err := os.ReadFile(path)
		noError(t, err)
		if string(text) != "old" || len(filesIn(t, dir)) != 1 || len(r.room.asked) != 1 {
			t.Errorf("%s holds %q, beside it are %v; asked %v", name, text, filesIn(t, dir), r.room.asked)
		}
	}
}

func TestExportFails(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 1, "journal", "export", filepath.Join(t.TempDir(), "no such folder"))
	r.wantSaid(t, "journal.jsonl")
	r.room.fail["export"] = &station.Fault{Code: station.JournalBroken, Err: errors.New("entry 3")}
	r.wantExit(t, 1, "journal", "export", t.TempDir())
	r.wantSaid(t, r.Texts.Say("fault.journal_broken.what"), "entry 3")
	r.room.fail = map[string]error{"close": errors.New("the store is busy")}
	r.wantExit(t, 1, "journal", "export", t.TempDir())
	r.wantSaid(t, "the store is busy")
	if got := strings.Join(r.room.asked, ","); got != "close,export,close,export,close" {
		t.Errorf("the room was asked %s", got)
	}
}

// months are what central countersigned in September and November.
func months() []journal.Shard {
	september := time.Date(2026, time.September, 1, 0, 0, 0, 0, time.UTC)
	return []journal.Shard{
		{Month: september, First: 41, Last: 60, SealedAt: september.AddDate(0, 0, 20)},
		{Month: september.AddDate(0, 2, 0), First: 61, Last: 70, SealedAt: september.AddDate(0, 2, 3)},
	}
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	noError(t, err)
	for _, f := range all {
		names = append(names, f.Name())
	}
	return names
}

// TestExportOfAMonth: its files bear its name, and a month that is not here is
// refused in words before anybody is asked for anything.
func TestExportOfAMonth(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	r.room.months = months()
	r.wantExit(t, 0, "journal", "export", dir, "--month", "2026-09")
	r.wantExit(t, 0, "journal", "export", dir, "--month", "2026-11", "--unsealed")
	if d := cmp.Diff([]string{"journal-2026-09.jsonl", "journal-2026-09.vkey", "journal-2026-11.jsonl", "journal-2026-11.vkey"}, filesIn(t, dir)); d != "" {
		t.Errorf("written (-want +got): %s", d)
	}
	if d := cmp.Diff([]string{"export 2026-09", "close", "export 2026-11 unsealed", "close"}, r.room.asked); d != "" {
		t.Errorf("asked (-want +got): %s", d)
	}
	for _, c := range []struct {
		exit int
		args []string
		says string
	}{
		{1, []string{"--month", "2026-10"}, "it holds 2026-09, 2026-11"},
		{1, []string{"--month", "2026-09", "--unsealed"}, "the last month, which is 2026-11"},
		{2, []string{"--month", "October"}, "as 2026-10"},
		{2, []string{"--month", "2026-13"}, "as 2026-10"},
		{2, []string{"--month", "2026-09", "--all"}, "say one of them"},
	} {
		r, dir := newRun(t, "en", ""), t.TempDir()
		r.room.months = months()
		r.wantExit(t, c.exit, append([]string{"journal", "export", dir}, c.args...)...)
		r.wantSaid(t, c.says)
		if left := filesIn(t, dir); len(left) > 0 || len(r.room.asked) > 1 {
			t.Errorf("%v: written %v, asked %v", c.args, left, r.room.asked)
		}
	}
	r = newRun(t, "en", "")
	r.wantExit(t, 1, "journal", "export", t.TempDir(), "--month", "2026-09")
	r.wantSaid(t, "countersigned nothing yet")
}

// TestExportOfAll: each journal with its keys, and how they are checked together.
func TestExportOfAll(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	r.room.unsealed = 3
	r.wantExit(t, 0, "journal", "export", dir, "--all")
	if d := cmp.Diff([]string{"1-journal.jsonl", "1-journal.vkey", "2-journal.jsonl", "2-journal.vkey", "3-journal.jsonl", "3-journal.vkey"}, filesIn(t, dir)); d != "" {
		t.Errorf("written (-want +got): %s", d)
	}
	r.wantSaid(t, "3 entries at the end", "left out",
		"printroom-verify --keys 1-journal.vkey --keys 2-journal.vkey --keys 3-journal.vkey 1-journal.jsonl 2-journal.jsonl 3-journal.jsonl\n")
	r = newRun(t, "en", "")
	r.room.fail["export"] = journal.ErrUnsealed
	for _, all := range [][]string{{}, {"--all"}} {
		r.wantExit(t, 1, append([]string{"journal", "export", t.TempDir()}, all...)...)
		r.wantSaid(t, "--unsealed writes")
	}
	r = newRun(t, "en", "")
	r.room.unsealed = 3
	r.wantExit(t, 0, "journal", "export", t.TempDir(), "--unsealed")
	r.wantSaid(t, "--allow-unsealed")
	if d := cmp.Diff([]string{"export unsealed", "close"}, r.room.asked); d != "" {
		t.Errorf("asked (-want +got): %s", d)
	}
}

// TestExportByOne: whoever names themselves is at work while it is written.
func TestExportByOne(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "journal", "export", t.TempDir(), "--person", "p1", "--pin-fd", pipe(t, pin))
	if d := cmp.Diff([]string{"unlock p1", "export", "close"}, r.room.asked); d != "" {
		t.Errorf("asked (-want +got): %s", d)
	}
}

func TestMonths(t *testing.T) {
	r := newRun(t, "en", "")
	r.log.months, r.log.start, r.log.status = months(), journal.Start{Size: 40}, journal.Status{Entries: 75, Sealed: 70}
	r.wantExit(t, 0, "journal", "months")
	want := "entries 1 to 40 were forgotten\n2026-09  entries 41 to 60, countersigned 2026-09-21T00:00:00Z\n" +
		"2026-11  entries 61 to 70, countersigned 2026-11-04T00:00:00Z\n5 entries are not countersigned yet\n"
	if r.out.String() != want {
		t.Errorf("it said %q", r.out.String())
	}
	r.out.Reset()
	r.wantExit(t, 0, "journal", "months", "--json")
	var got monthsReport
	noError(t, json.Unmarshal(r.out.Bytes(), &got))
	if d := cmp.Diff(reportMonths(r.log.months, r.log.status, r.log.start), got); d != "" || got.Forgotten != 40 || got.Unsealed != 5 || len(got.Months) != 2 {
		t.Errorf("%s, %s", d, r.out.String())
	}
	if r.log.closed != 2 {
		t.Errorf("closed %d times", r.log.closed)
	}
	r = newRun(t, "en", "")
	r.log.err = errors.New("entry 3")
	r.wantExit(t, 1, "journal", "months")
	r.wantSaid(t, "entry 3")
}
