package room

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"espero-soft.com/printroom/sync/central"
)

// losing makes central lose its first two answers to each request of the journal,
// once it has done what was asked.
func losing() (hooks *central.Hooks, lost func() int) {
	var mu sync.Mutex
	dropped := map[string]int{}
	hooks = &central.Hooks{BeforeAnswer: func(_ context.Context, operation string) error {
		mu.Lock()
		defer mu.Unlock()
		if operation != "journalEntries" && operation != "journalCheckpoint" || dropped[operation] == 2 {
			return nil
		}
		dropped[operation]++
		return central.ErrDrop
	}}
	return hooks, func() int {
		mu.Lock()
		defer mu.Unlock()
		return dropped["journalEntries"] + dropped["journalCheckpoint"]
	}
}

// TestLostAnswers: the witness's answers are lost after it stored. What the
// station sends again is the same, and there is neither a fork nor an alarm.
func TestLostAnswers(t *testing.T) {
	hooks, lost := losing()
	r, _ := openRoom(t, Options{Letters: 1, Hooks: hooks})
	w := work(t, r)
	do(t, w, "claim")
	do(t, w, "print")
	eventually(t, "it is all told", func() bool {
		_, err := w.Do("push")
		return err == nil
	})
	quit(t, w)
	if n := lost(); n != 4 {
		t.Errorf("%d answers were lost", n)
	}
	agree(t, r)
	noAlarm(t, r)
}

// agree exports the journal from both sides and wants the same.
func agree(t *testing.T, r *Room) {
	t.Helper()
	out := t.TempDir()
	if err := r.Export(t.Context(), out); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Agree(t.Context(), out); err != nil || n == 0 {
		t.Errorf("%d entries: %v", n, err)
	}
	exports := []string{filepath.Join(out, "journal.jsonl"), filepath.Join(out, "central", "1-journal.jsonl")}
	for i, keys := range []string{filepath.Join(out, "journal.vkey"), filepath.Join(out, "central", "1-journal.vkey")} {
		if code, text := checker.verify(t, "--keys", keys, exports[i]); code != 0 {
			t.Errorf("%s: %d, %s", exports[i], code, text)
		}
	}
}

func noAlarm(t *testing.T, r *Room) {
	t.Helper()
	if all, err := r.Central.Alarms(t.Context(), central.AlarmFilter{}); err != nil || len(all) > 0 {
		t.Errorf("alarms: %+v, %v", all, err)
	}
}

// TestCentralRestored: central is set back to this morning's backup. The station
// sends again what it lost; central says that there was a gap, and that it closed.
func TestCentralRestored(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	log, err := r.Central.Log(t.Context(), Station)
	if err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "backup")
	restart(t, r, func() error { return os.CopyFS(backup, os.DirFS(r.centralDir())) })
	w = work(t, r)
	do(t, w, "push")
	before, err := r.Central.Journal(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	restart(t, r, func() error {
		if err := os.RemoveAll(r.centralDir()); err != nil {
			return err
		}
		return os.CopyFS(r.centralDir(), os.DirFS(backup))
	})
	if set, err := r.Central.Journal(t.Context(), log); err != nil || set.Entries >= before.Entries {
		t.Fatalf("%d entries after %d: %v", set.Entries, before.Entries, err)
	}
	do(t, w, "print")
	eventually(t, "central has it all again", func() bool {
		_, _ = w.Do("push") // the connections of before are gone
		now, err := r.Central.Journal(t.Context(), log)
		return err == nil && now.Countersigned > before.Entries
	})
	quit(t, w)
	gap, open := alarmOf(t, r, central.AlarmGap)
	if !open || gap.Mended.IsZero() {
		t.Errorf("%+v", gap)
	}
	if err := r.Central.Acknowledge(t.Context(), gap.ID, "p3", "mistake"); err != nil {
		t.Error(err)
	}
	agree(t, r)
	if fork, open := alarmOf(t, r, central.AlarmFork); open {
		t.Errorf("%+v", fork)
	}
}

// restart stops central, does something to its folder and starts it there again.
func restart(t *testing.T, r *Room, meanwhile func() error) {
	t.Helper()
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	if err := r.Central.Close(); err != nil {
		t.Fatal(err)
	}
	if err := meanwhile(); err != nil {
		t.Fatal(err)
	}
	if err := r.openCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := r.StartCentral(t.Context()); err != nil {
		t.Fatal(err)
	}
}
