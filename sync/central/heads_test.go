package central

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// TestHeadsAreThinned: each countersigned head stays for a day, then the last of each hour.
func TestHeadsAreThinned(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	heads := func() (n int) {
		t.Helper()
		r.check(r.read.QueryRow(`SELECT count(*) FROM checkpoints`).Scan(&n))
		return n
	}
	seal := func() {
		t.Helper()
		l.add(r, 1, "job-1")
		r.send(s, l.from(len(l.entries)), "")
		r.seal(s, l.note(), "")
	}
	for range 12 { // from 9:00 to 10:50
		seal()
		r.clock.Add(10 * time.Minute)
	}
	if n := heads(); n != 12 {
		t.Errorf("%d heads of today", n)
	}
	r.clock.Add(3 * 24 * time.Hour)
	for range 2 {
		seal()
	}
	if n := heads(); n != 2+2 {
		t.Errorf("%d heads of two hours and of now", n)
	}
	for day := range 3 {
		r.clock.Add(48 * time.Hour)
		seal()
		if n := heads(); n != 4+day {
			t.Errorf("%d heads", n)
		}
	}
	text, keys, _ := r.exported(l.signer.Name(), JournalSpan{})
	if report, err := verify.Export(strings.NewReader(text), keys, verify.Options{}); err != nil || report.Entries != 17 {
		t.Errorf("%+v %v", report, err)
	}
}

// TestHeadsOfAnOlderProgram: it kept the last countersigned head alone, without its tree.
func TestHeadsOfAnOlderProgram(t *testing.T) {
	dir := t.TempDir()
	r := newRoom(t, func(c *Config) { c.Dir = dir })
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 5, "job-1")
	r.send(s, l.from(1), "")
	r.seal(s, l.note(), "")
	l.add(r, 2, "job-2")
	r.send(s, l.from(6), "")
	want, _, _ := r.exported(l.signer.Name(), JournalSpan{})
	for _, statement := range []string{`DELETE FROM checkpoints`, `UPDATE journals SET sealed_at = 0`} {
		_, err := r.db.Exec(statement)
		r.check(err)
	}
	r.stop()
	<-r.ended
	r.check(r.Close())
	next, err := New(context.Background(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = next.Close() }()
	var out bytes.Buffer
	if _, err := next.ExportJournal(context.Background(), l.signer.Name(), &out, JournalSpan{}); err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
	if status, err := next.Journal(context.Background(), l.signer.Name()); err != nil || !status.SealedAt.Equal(r.clock.Now()) {
		t.Errorf("%+v %v", status, err)
	}
}

// TestInterleaved: requests of one station that pass each other are none of them a fork, and nothing is
// taken twice.
func TestInterleaved(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 40, "job-1")
	note := l.note()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for first := 1; first <= 40; first += 5 {
				e := l.from(first)
				e.Entries = e.Entries[:5]
				if _, err := s.JournalEntries(context.Background(), e); err != nil {
					t.Errorf("entries from %d: %v", first, err)
				}
			}
			r.seal(s, note, "")
		})
	}
	all.Wait()
	if status := r.journal(l.signer.Name()); status.Entries != 40 || status.Countersigned != 40 || status.Forks != 0 {
		t.Errorf("%+v", status)
	}
	r.alarmed()
}

// TestWitnessChanges: the same head again, after the witness got another key, is countersigned by both, for
// the same time; what a key signed that was dropped since is exported with that key.
func TestWitnessChanges(t *testing.T) {
	r := newRoom(t, nil)
	s, other := r.enrol("press-1"), r.enrol("press-2")
	l, o := newLogbook(t, s), newLogbook(t, other)
	former := r.Witness()
	l.add(r, 3, "job-1")
	o.add(r, 2, "job-2")
	r.send(s, l.from(1), "")
	r.send(other, o.from(1), "")
	note := l.note()
	first := r.seal(s, note, "")
	r.seal(other, o.note(), "")
	_, err := r.NextWitness()
	r.check(err)
	r.clock.Add(40 * 24 * time.Hour)
	both := r.seal(s, note, "")
	if !strings.HasPrefix(both, first) || both == first || r.seal(s, note, "") != both {
		t.Errorf("%s\nthen %s", first, both)
	}
	was, err := signedAt(first)
	r.check(err)
	if is, err := signedAt(both); err != nil || !is.Equal(was) {
		t.Errorf("%s, then %s: %v", was, is, err)
	}
	r.check(r.UseNextWitness())
	r.check(r.DropWitness(former))
	for book, want := range map[*logbook]int{l: 1, o: 2} {
		text, keys, _ := r.exported(book.signer.Name(), JournalSpan{})
		if report, err := verify.Export(strings.NewReader(text), keys, verify.Options{}); err != nil || !report.OK || len(keys.Witnesses) != want {
			t.Errorf("%d keys, %+v %v", len(keys.Witnesses), report, err)
		}
	}
}
