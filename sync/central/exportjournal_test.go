package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// exported is what central exports of a log, and who must have signed it.
func (r *room) exported(log string, s JournalSpan) (text string, keys verify.Keys, unsealed int64) {
	r.t.Helper()
	var out bytes.Buffer
	unsealed, err := r.ExportJournal(context.Background(), log, &out, s)
	r.check(err)
	file, err := r.JournalKeys(context.Background(), log, s)
	r.check(err)
	keys, err = verify.ParseKeys([]byte(file))
	r.check(err)
	return out.String(), keys, unsealed
}

// verified reads export files in order, as printroom-verify does.
func verified(t *testing.T, exports, keys []string, o verify.Options) (verify.Result, error) {
	t.Helper()
	var known []verify.Keys
	for _, name := range keys {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		k, err := verify.ParseKeys(file)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, k)
	}
	x, err := verify.NewExports(known, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range exports {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		err = x.Read(filepath.Base(name), f)
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if err != nil {
			break
		}
	}
	return x.Result()
}

// TestExportJournal: an export ends with the last countersigned head, which covers all that is before it.
func TestExportJournal(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	log := l.signer.Name()
	if _, err := r.ExportJournal(ctx, log, new(bytes.Buffer), JournalSpan{}); !errors.Is(err, ErrNothingSealed) {
		t.Errorf("an empty log: %v", err)
	}
	if _, err := r.ExportJournal(ctx, "no such log", new(bytes.Buffer), JournalSpan{}); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("no log: %v", err)
	}
	l.add(r, 5, "job-1")
	r.send(s, l.from(1), "")
	note := r.seal(s, l.note(), "")
	l.add(r, 2, "job-2")
	r.send(s, l.from(6), "")
	text, keys, unsealed := r.exported(log, JournalSpan{})
	if want := strings.Join(l.entries[:5], "\n") + "\n" + string(verify.SealLine([]byte(note))); text != want || unsealed != 2 {
		t.Errorf("%d unsealed, export\n%swant\n%s", unsealed, text, want)
	}
	report, err := verify.Export(strings.NewReader(text), keys, verify.Options{Anchors: [][]byte{[]byte(note)}})
	if err != nil || !report.OK || report.Entries != 5 {
		t.Errorf("%+v %v", report, err)
	}
	long, _, unsealed := r.exported(log, JournalSpan{Tail: true})
	if want := text + strings.Join(l.entries[5:], "\n") + "\n"; long != want || unsealed != 2 {
		t.Errorf("%d unsealed, with the tail\n%s", unsealed, long)
	}
}

// TestExportMonth: a month holds what was countersigned in it, and begins where the one before ended.
func TestExportMonth(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	log := l.signer.Name()
	march := r.clock.Now()
	var notes []string
	for i := range 4 { // two heads in March, one in April, two entries of April that are sealed in May
		l.add(r, 2, "job-1")
		r.send(s, l.from(2*i+1), "")
		if i == 3 {
			r.clock.Add(31 * 24 * time.Hour)
		}
		notes = append(notes, r.seal(s, l.note(), ""))
		if i > 0 && i < 3 {
			r.clock.Add(31 * 24 * time.Hour)
		}
	}
	for i, want := range []struct {
		month       time.Time
		first, last int
		note        string
	}{{march, 0, 4, notes[1]}, {march.AddDate(0, 1, 0), 4, 6, notes[2]}, {march.AddDate(0, 3, 0), 6, 8, notes[3]}} {
		text, keys, _ := r.exported(log, JournalSpan{Month: want.month})
		end := strings.Join(l.entries[want.first:want.last], "\n") + "\n" + string(verify.SealLine([]byte(want.note)))
		if !strings.HasSuffix(text, end) || strings.HasPrefix(text, `{"frontier":`) != (i > 0) {
			t.Errorf("month %d:\n%s", i, text)
		}
		if report, err := verify.Export(strings.NewReader(text), keys, verify.Options{}); err != nil || !report.OK {
			t.Errorf("month %d: %+v %v", i, report, err)
		}
	}
	var names, files []string
	for i, m := range []int{0, 1, 3} {
		text, _, _ := r.exported(log, JournalSpan{Month: march.AddDate(0, m, 0)})
		names = append(names, filepath.Join(t.TempDir(), fmt.Sprint(i)))
		r.check(os.WriteFile(names[i], []byte(text), 0o600))
	}
	file, err := r.JournalKeys(ctx, log, JournalSpan{})
	r.check(err)
	files = append(files, filepath.Join(t.TempDir(), "keys"))
	r.check(os.WriteFile(files[0], []byte(file), 0o600))
	if result, err := verified(t, names, files, verify.Options{}); err != nil || !result.OK || result.Exports[2].Sealed != 8 {
		t.Errorf("the months one after the other: %+v %v", result, err)
	}
	if result, err := verified(t, []string{names[0], names[2]}, files, verify.Options{}); err == nil {
		t.Errorf("a month is missing: %+v", result)
	}
	for _, none := range []int{-1, 2, 4} {
		if _, err := r.ExportJournal(ctx, log, new(bytes.Buffer), JournalSpan{Month: march.AddDate(0, none, 0)}); !errors.Is(err, ErrNothingSealed) {
			t.Errorf("a month without a head: %v", err)
		}
	}
}

// TestExportStation: the log of a key that was lost comes with what nobody can seal any more, before the one
// that goes on.
func TestExportStation(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	before := r.enrol("press-1")
	l := newLogbook(t, before)
	l.add(r, 3, "job-1")
	r.send(before, l.from(1), "")
	r.seal(before, l.note(), "")
	l.add(r, 2, "job-2")
	r.send(before, l.from(4), "")
	r.enrol("press-1") // never worked with
	after := r.enrol("press-1")
	next := newLogbook(t, after)
	next.succeed(r, l.chain.Last())
	next.add(r, 2, "job-3")
	r.send(after, next.from(1), "")
	r.seal(after, next.note(), "")
	r.alarmed()
	exports, keys, unsealed, err := r.ExportStation(ctx, "press-1", t.TempDir(), false)
	if err != nil || len(exports) != 2 || len(keys) != 2 || unsealed != 0 {
		t.Fatalf("%v %v, %d unsealed: %v", exports, keys, unsealed, err)
	}
	first, err := os.ReadFile(exports[0])
	r.check(err)
	if !strings.HasSuffix(string(first), "}\n"+strings.Join(l.entries[3:], "\n")+"\n") {
		t.Errorf("the former log is\n%s", first)
	}
	if result, err := verified(t, exports, keys, verify.Options{}); err != nil || !result.OK || result.Unsealed != 0 || result.Exports[0].CoveredBy == "" {
		t.Errorf("%+v %v", result, err)
	}
}

// TestMonthsEnd: months that are over for long enough go, their end is kept, and what goes on is exported
// with it; a log whose history is in doubt stays whole.
func TestMonthsEnd(t *testing.T) {
	r := newRoom(t, func(c *Config) { c.JournalMonths = 2 })
	ctx := context.Background()
	s, other := r.enrol("press-1"), r.enrol("press-2")
	l, o := newLogbook(t, s), newLogbook(t, other)
	forget := func(want int64) {
		t.Helper()
		if n, err := r.ForgetJournals(ctx); err != nil || n != want {
			t.Errorf("%d entries were forgotten, want %d: %v", n, want, err)
		}
	}
	var notes []string
	for i := range 4 { // March, April, May, June
		l.add(r, 3, "job-1")
		r.send(s, l.from(3*i+1), "")
		notes = append(notes, r.seal(s, l.note(), ""))
		o.add(r, 1, "job-2")
		r.send(other, o.from(i+1), "")
		if i == 0 {
			r.seal(other, o.note(), "")
		}
		forget(map[int]int64{3: 4}[i]) // in June: March of both
		r.clock.Add(31 * 24 * time.Hour)
	}
	forget(3)
	forget(0)
	text, _, _ := r.exported(l.signer.Name(), JournalSpan{})
	if !strings.HasPrefix(text, `{"frontier":["`) || !strings.Contains(text, strings.ReplaceAll(notes[1], "\n", `\n`)+`"}`+"\n"+l.entries[6]+"\n") {
		t.Errorf("the export starts with\n%s", text)
	}
	for _, statement := range []string{`UPDATE journals SET start = 8`, `UPDATE journals SET start = 0`, `DELETE FROM entries`} {
		if _, err := r.db.ExecContext(ctx, statement); err == nil {
			t.Errorf("%s went through", statement)
		}
	}
	l.add(r, 1, "job-1")
	r.send(s, l.from(1), "") // what is forgotten is not compared, what is held is
	clone := l.copy()
	clone.entries[7] = strings.Replace(clone.entries[7], "job-1", "job-2", 1)
	r.send(s, clone.from(7), "urn:bjet24:problem:journal-fork")
	r.clock.Add(60 * 24 * time.Hour)
	forget(0)
	r.check(r.Resolve(ctx, "press-1", "p2", "exercise"))
	forget(6)
	if status := r.journal(l.signer.Name()); status.Start != 12 || status.Entries != 13 {
		t.Errorf("%+v", status)
	}
}
