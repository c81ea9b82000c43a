package central

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// alarmed wants exactly these open alarms: "kind place times", "mended" after it where it is.
func (r *room) alarmed(want ...string) []Alarm {
	r.t.Helper()
	all, err := r.Alarms(context.Background(), AlarmFilter{Open: true})
	r.check(err)
	var have []string
	for _, a := range all {
		text := fmt.Sprint(a.Kind, " ", a.Place, " ", a.Times)
		if !a.Mended.IsZero() {
			text += " mended"
		}
		have = append(have, text)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		r.t.Errorf("alarms %q, want %q", have, want)
	}
	return all
}

func (r *room) send(s *soft, e wire.JournalEntries, want wire.ProblemType) {
	r.t.Helper()
	_, err := s.JournalEntries(context.Background(), e)
	if want == "" && err != nil || want != "" && !errors.Is(err, want) {
		r.t.Errorf("entries from %d: %v, want %q", e.First, err, want)
	}
}

func (r *room) seal(s *soft, n wire.SignedNote, want wire.ProblemType) string {
	r.t.Helper()
	signed, err := s.JournalCheckpoint(context.Background(), n)
	if want == "" && err != nil || want != "" && !errors.Is(err, want) {
		r.t.Errorf("checkpoint: %v, want %q", err, want)
	}
	return signed.Note
}

// TestQuietDay: what a station sends in order, and sends again, alarms nobody.
func TestQuietDay(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	for range 2 {
		r.send(s, l.from(1), "")
	}
	first := r.seal(s, l.note(), "")
	r.clock.Add(3 * time.Hour)
	again := r.seal(s, l.note(), "")
	was, err := signedAt(first)
	r.check(err)
	if is, err := signedAt(again); err != nil || !is.Equal(was) {
		t.Errorf("signed at %s, then at %s: %v", was, is, err)
	}
	l.add(r, 1, "job-2")
	r.send(s, l.from(2), "")
	r.seal(s, l.note(), "")
	r.alarmed()
}

// TestSameSealAgain: an answer that was lost is given again as it was, so that both sides count the entries
// to the same month.
func TestSameSealAgain(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	r.send(s, l.from(1), "")
	note := l.note()
	first := r.seal(s, note, "")
	r.clock.Add(40 * 24 * time.Hour)
	if again := r.seal(s, note, ""); again != first {
		t.Errorf("%s\nthen %s", first, again)
	}
	l.add(r, 1, "job-2")
	r.send(s, l.from(4), "")
	first = r.seal(s, l.note(), "")
	r.clock.Add(-20 * 24 * time.Hour) // central's own clock is set back
	l.add(r, 1, "job-2")
	r.send(s, l.from(5), "")
	later := r.seal(s, l.note(), "")
	before, err := signedAt(first)
	r.check(err)
	if at, err := signedAt(later); err != nil || at.Before(before) {
		t.Errorf("a head of more entries was signed at %s, the one before at %s: %v", at, before, err)
	}
}

func TestGapAlarm(t *testing.T) {
	var told []AlarmKind
	r := newRoom(t, func(c *Config) { c.Hooks = &Hooks{Alarm: func(a Alarm) { told = append(told, a.Kind) }} })
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 9, "job-1")
	for range 3 {
		r.send(s, l.from(4), wire.ProblemJournalGap)
	}
	r.seal(s, l.note(), wire.ProblemJournalGap)
	r.alarmed("gap 9 4")
	some := l.from(1)
	some.Entries = some.Entries[:5]
	r.send(s, some, "")
	r.alarmed("gap 9 4") // announced, and not all of it came
	r.send(s, l.from(6), "")
	gap := r.alarmed("gap 9 4 mended")[0]
	if gap.Log != l.signer.Name() || gap.Station != "press-1" || !gap.FirstAt.Equal(r.clock.Now()) {
		t.Errorf("%+v", gap)
	}
	if !slices.Equal(told, []AlarmKind{AlarmGap}) {
		t.Errorf("the hook was told of %v", told)
	}
}

func TestAcknowledge(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 2, "job-1")
	r.send(s, l.from(2), wire.ProblemJournalGap)
	id := r.alarmed("gap 2 1")[0].ID
	for range 2 {
		r.check(r.Acknowledge(ctx, id, "p2", "exercise"))
	}
	if err := r.Acknowledge(ctx, id, "p3", "exercise"); !errors.Is(err, ErrAcknowledged) {
		t.Errorf("by another: %v", err)
	}
	if err := r.Acknowledge(ctx, uuid.NewString(), "p2", "exercise"); !errors.Is(err, ErrAlarm) {
		t.Errorf("another alarm: %v", err)
	}
	for _, wrong := range [][2]string{{"Anna Claes", "exercise"}, {"p2", "Because I say so"}, {"", "exercise"}, {"p2", ""}} {
		if err := r.Acknowledge(ctx, id, wrong[0], wrong[1]); !errors.Is(err, ErrLetter) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	r.alarmed()
	all, err := r.Alarms(ctx, AlarmFilter{Log: l.signer.Name(), Kind: AlarmGap})
	if err != nil || len(all) != 1 || all[0].By != "p2" || all[0].Reason != "exercise" || all[0].Acknowledged.IsZero() {
		t.Errorf("%+v %v", all, err)
	}
	r.send(s, l.from(2), wire.ProblemJournalGap) // again: another alarm
	r.alarmed("gap 2 1")
}

// TestAlarmSurvives: an alarm is durable with what it is about, and a hook that a crash kept from knowing is
// told at the next start.
func TestAlarmSurvives(t *testing.T) {
	dir := t.TempDir()
	r := newRoom(t, func(c *Config) { c.Dir = dir })
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 2, "job-1")
	r.send(s, l.from(2), wire.ProblemJournalGap)
	r.stop()
	<-r.ended
	r.check(r.Close())
	var told []Alarm
	hooks := &Hooks{Alarm: func(a Alarm) { told = append(told, a) }}
	for range 2 {
		second, err := New(context.Background(), Config{Dir: dir, Hooks: hooks})
		if err != nil {
			t.Fatal(err)
		}
		r.check(second.Close())
	}
	if len(told) != 1 || told[0].Kind != AlarmGap || told[0].Place != 2 {
		t.Errorf("told of %+v", told)
	}
}

// TestBrokenBatchAlarm: what is no entry may hold anything, and is not kept; an entry that does not fit is.
func TestBrokenBatchAlarm(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	const personal = "Recipient, Rue 1"
	for _, entries := range [][]string{{personal}, {l.entries[0], l.entries[2]}} {
		for range 2 {
			r.send(s, wire.JournalEntries{Log: l.signer.Name(), First: 1, Entries: entries}, wire.ProblemJournalBroken)
		}
	}
	r.send(s, l.from(1), "")
	r.send(s, wire.JournalEntries{Log: l.signer.Name(), First: 2, Entries: []string{personal}}, wire.ProblemJournalBroken)
	r.alarmed("broken 1 5")
	var pieces, plain int
	r.check(r.read.QueryRow(`SELECT count(*), COALESCE(sum(instr(CAST(shown AS TEXT), 'Rue') > 0), 0) FROM evidence`).Scan(&pieces, &plain))
	if pieces != 3 || plain != 0 {
		t.Errorf("%d pieces of evidence, %d of them in plain", pieces, plain)
	}
	if status := r.journal(l.signer.Name()); status.Forks != 0 || status.Suspended {
		t.Errorf("%+v", status)
	}
}

func TestRefusedHeadAlarm(t *testing.T) {
	r := newRoom(t, nil)
	s, other := r.enrol("press-1"), r.enrol("press-2")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	r.send(s, l.from(1), "")
	note := l.note()
	r.seal(other, note, wire.ProblemCheckpointRefused)
	r.alarmed("checkpoint 3 1")
	note.Note = strings.Replace(note.Note, "\n3\n", "\n2\n", 1)
	r.seal(s, note, wire.ProblemCheckpointRefused)
	r.seal(s, wire.SignedNote{Note: "Recipient"}, wire.ProblemCheckpointRefused)
	all := r.alarmed("checkpoint 3 1", "checkpoint 0 2")
	if all[0].Station == all[1].Station {
		t.Errorf("%+v", all)
	}
}

// TestSetBack: a head of fewer entries than were countersigned is refused, and noticed.
func TestSetBack(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	l.add(r, 3, "job-1")
	yesterday := l.note()
	l.add(r, 3, "job-2")
	r.send(s, l.from(1), "")
	r.seal(s, l.note(), "")
	r.seal(s, yesterday, wire.ProblemJournalFork)
	r.alarmed("set_back 3 1")
	if status := r.journal(l.signer.Name()); status.Suspended || status.Countersigned != 6 {
		t.Errorf("%+v", status)
	}
}

// TestSilentLog: a station works all day, and its log is not sealed.
func TestSilentLog(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	jobs := r.pay(3)
	r.clock.Add(20 * time.Hour) // a quiet night is none
	token := r.claim(s, 3).FencingToken
	l.add(r, 1, "job-1")
	r.send(s, l.from(1), "")
	r.seal(s, l.note(), "")
	r.clock.Add(3 * time.Hour)
	r.report(s, []wire.Event{r.event(wire.EventAttempt, jobs[0], code(1), token)}, accepted)
	r.alarmed()
	r.clock.Add(3 * time.Hour)
	l.add(r, 1, "job-1")
	r.send(s, l.from(2), "") // sent, and never sealed
	r.report(s, []wire.Event{r.event(wire.EventSent, jobs[0], code(1), token)}, accepted)
	r.alarmed()
	r.clock.Add(90 * time.Minute)
	r.report(s, []wire.Event{r.event(wire.EventDeviceDone, jobs[0], code(1), token)}, accepted)
	r.alarmed("silent 1 1")
	r.seal(s, l.note(), "")
	r.alarmed("silent 1 1 mended")
}

// TestSilenceOfAStationThatWasAway: it reports what it did, and is sealed then. One that is not is silent, and
// whoever was told of that is told when it is silent again another day.
func TestSilenceOfAStationThatWasAway(t *testing.T) {
	told := 0
	r := newRoom(t, func(c *Config) { c.Hooks = &Hooks{Alarm: func(Alarm) { told++ }} })
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	jobs := r.pay(4)
	token := r.claim(s, 4).FencingToken
	attempt := func(i int) {
		t.Helper()
		r.report(s, []wire.Event{r.event(wire.EventAttempt, jobs[i], code(i), token)}, accepted)
	}
	seal := func() {
		t.Helper()
		l.add(r, 1, "job-1")
		r.send(s, l.from(len(l.entries)), "")
		r.seal(s, l.note(), "")
	}
	r.clock.Add(6 * time.Hour)
	attempt(0)
	r.alarmed()
	r.clock.Add(40 * time.Minute)
	attempt(1)
	r.alarmed("silent 0 1")
	seal()
	r.alarmed("silent 0 1 mended")
	for i := range 2 {
		r.clock.Add(150 * time.Minute)
		attempt(2 + i)
	}
	r.clock.Add(150 * time.Minute)
	r.report(s, []wire.Event{r.event(wire.EventSent, jobs[3], code(3), token)}, accepted)
	r.alarmed("silent 0 2")
	if told != 2 {
		t.Errorf("told %d times, want at each beginning", told)
	}
}

// TestClockAlarms: −2 years, +1 day, and back; a station that was away for a week is none of that.
func TestClockAlarms(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	l := newLogbook(t, s)
	now := r.clock.Now()
	at := func(d time.Duration, n int) {
		t.Helper()
		r.clock.mu.Lock()
		r.clock.at = now.Add(d)
		r.clock.mu.Unlock()
		l.add(r, n, "job-1")
		r.clock.mu.Lock()
		r.clock.at = now
		r.clock.mu.Unlock()
		r.send(s, l.from(len(l.entries)-n+1), "")
	}
	at(0, 1)
	r.seal(s, l.note(), "")
	now = now.Add(7 * 24 * time.Hour)
	at(-6*24*time.Hour, 2)
	at(time.Minute, 1)
	at(-time.Minute, 1)
	r.alarmed()
	at(-2*365*24*time.Hour, 2)
	r.alarmed("clock_back 6 1", "clock_far 6 1")
	at(24*time.Hour, 1)
	at(0, 1)
	r.alarmed("clock_back 6 2", "clock_far 6 2")
	if status := r.journal(l.signer.Name()); status.Entries != 9 || status.Suspended {
		t.Errorf("the order holds, and nothing is refused: %+v", status)
	}
}

// TestSuccessorAlarm: a log that forgets the one before it.
func TestSuccessorAlarm(t *testing.T) {
	r := newRoom(t, nil)
	before := r.enrol("press-1")
	l := newLogbook(t, before)
	l.add(r, 5, "job-1")
	some := l.from(1)
	some.Entries = some.Entries[:3]
	r.send(before, some, "")
	after := r.enrol("press-1")
	next := newLogbook(t, after)
	next.succeed(r, l.chain.Last())
	r.send(after, next.from(1), "")
	r.alarmed("successor 1 1")
	r.send(after, l.from(4), "") // the end of the one before comes after all
	r.alarmed("successor 1 1 mended")
	third := r.enrol("press-1")
	lost := newLogbook(t, third)
	lost.add(r, 1, "job-2") // on a new disk: it names nothing before it
	r.send(third, lost.from(1), "")
	r.alarmed("successor 1 1 mended", "successor 1 1")
}
