package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// onSmallDisk is set in a test that runs in its own mount namespace: any user may
// make one, and a disk in it.
const onSmallDisk = "JOURNAL_TEST_SMALL_DISK"

// smallDisk is a folder on a disk of that many bytes. It runs the test once more
// in its own namespace and gives "" to this one, which then has nothing to do.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	if os.Getenv(onSmallDisk) == "" {
		cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), onSmallDisk+"=1")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
		if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
			cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: uid, Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: gid, Size: 1}}
		}
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
			t.Errorf("on a small disk: %v\n%s", err, out)
		}
		return ""
	}
	dir := t.TempDir()
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("small", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the namespace ends anyway
	return dir
}

// fillDisk leaves no room on the disk.
func fillDisk(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "filler"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 1<<16); len(chunk) > 0; {
		n, err := f.Write(chunk)
		if err != nil && !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		if n < len(chunk) {
			chunk = chunk[:len(chunk)/2]
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func freeDisk(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
}

// noIntents writes intents until the disk refuses them, and then some more: all
// are refused, and nothing is left of them.
func noIntents(t *testing.T, j *Journal) {
	t.Helper()
	ctx := context.Background()
	var err error
	for range 20_000 {
		if _, err = j.Intent(ctx, access(1)); err != nil {
			break
		}
	}
	size := j.Size()
	for range 5 {
		p, err := j.Intent(ctx, access(1))
		if !errors.Is(err, ErrFull) || j.Size() != size {
			t.Fatalf("an intent on a full disk: %v, %d entries instead of %d", err, j.Size(), size)
		}
		if err := p.Use(access(1).Object); !errors.Is(err, ErrNoPermit) {
			t.Errorf("its permit: %v", err)
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("on a full disk: %v", err)
	}
}

// restartFull opens the journal again on a disk that has no room but the reserve.
func restartFull(t *testing.T, r *room, j *Journal, dir string) *Journal {
	t.Helper()
	ctx := context.Background()
	closeJournal(t, j)
	fillDisk(t, dir)
	j = r.whole(t)
	if err := j.Anchor(ctx, "p-7f3a"); !errors.Is(err, ErrFull) {
		t.Errorf("an anchor on a full disk: %v", err)
	}
	if _, err := j.Intent(ctx, access(1)); !errors.Is(err, ErrUnanchored) && !errors.Is(err, ErrFull) {
		t.Errorf("an intent after the start: %v", err)
	}
	return j
}

// TestTheDiskIsFull: the end is told, nothing new is opened, and all works again
// when there is room.
func TestTheDiskIsFull(t *testing.T) {
	dir := smallDisk(t, 24<<20)
	if dir == "" {
		return
	}
	ctx := context.Background()
	r, counter := tied(t)
	r.dir, r.spare = filepath.Join(dir, "log"), usualReserve
	j := r.whole(t)
	anchor(t, j)
	write(t, j, 3)
	p, err := j.Intent(ctx, access(1))
	if err != nil {
		t.Fatal(err)
	}
	for round := range 3 {
		fillDisk(t, dir)
		noIntents(t, j)
		if err := j.Anchor(ctx, "p-7f3a"); !errors.Is(err, ErrFull) {
			t.Errorf("an anchor on a full disk: %v", err)
		}
		if round == 1 { // a restart in the middle of it, which needs some room itself
			j = restartFull(t, r, j, dir)
		}
		for range 50 {
			for _, a := range []Action{ActionLock, ActionFail, ActionRefuse, ActionPurge, ActionCancel} {
				if err := j.Record(ctx, Access{Action: a, Object: "job-1"}, OutcomeDone); err != nil {
					t.Fatalf("round %d: %s on a full disk: %v", round, a, err)
				}
			}
		}
		if round != 1 {
			if err := j.Result(ctx, p, OutcomeFailed); err != nil {
				t.Fatalf("round %d: a result on a full disk: %v", round, err)
			}
			noIntents(t, j)
		}
		freeDisk(t, dir)
		anchor(t, j)
		if p, err = j.Intent(ctx, access(1)); err != nil {
			t.Fatalf("with room again: %v", err)
		}
		if f, err := os.Stat(filepath.Join(r.dir, reserveFile)); err != nil || f.Size() != usualReserve {
			t.Errorf("the reserve: %v", err)
		}
	}
	if err := j.Result(ctx, p, OutcomeDone); err != nil {
		t.Error(err)
	}
	if counter.value != 11 {
		t.Errorf("the counter is at %d", counter.value)
	}
	r.seal(t, j)
	if report, err := r.check(t, j); err != nil || report.Entries != j.Size() {
		t.Errorf("%+v, %v", report, err)
	}
}

// TestTheReserveEnds: when even that is used nothing is written, and nothing is
// broken either.
func TestTheReserveEnds(t *testing.T) {
	dir := smallDisk(t, 8<<20)
	if dir == "" {
		return
	}
	ctx := context.Background()
	r := newRoom(t)
	r.dir, r.spare = filepath.Join(dir, "log"), 1<<20
	j := r.whole(t)
	write(t, j, 1)
	fillDisk(t, dir)
	var err error
	records := 0
	for ; err == nil && records < 20_000; records++ {
		err = j.Record(ctx, Access{Action: ActionPurge}, OutcomeDone)
	}
	if !errors.Is(err, ErrFull) || records < 100 {
		t.Fatalf("after %d records: %v", records, err)
	}
	noIntents(t, j)
	if _, err := j.Verify(ctx); err != nil || j.Status().Broken != nil {
		t.Errorf("%v, %v", err, j.Status().Broken)
	}
	freeDisk(t, dir)
	write(t, j, 1)
}

// childOnAFullDisk demands that a disk which refuses an intent takes the record
// of that, until it kills itself.
func childOnAFullDisk(ctx context.Context, j *Journal) error {
	dieSoon()
	for n := 0; ; n++ {
		p, err := j.Intent(ctx, access(n))
		switch {
		case err == nil:
			fmt.Println("entry", p.Sequence())
			err = j.Result(ctx, p, OutcomeDone)
		case errors.Is(err, ErrFull):
			fmt.Println("full")
			err = j.Record(ctx, Access{Action: ActionFail, Object: access(n).Object}, OutcomeRefused)
		}
		if err != nil {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// TestKilledOnAFullDisk kills a child at any moment while the disk fills and
// empties: what was acknowledged is there, and the log is whole.
func TestKilledOnAFullDisk(t *testing.T) {
	dir := smallDisk(t, 24<<20)
	if dir == "" {
		return
	}
	t.Setenv(childDoes, "full")
	r := childRoomIn(t, dir)
	r.spare = usualReserve
	var highest int64
	full := 0
	for round := range 14 {
		freeDisk(t, dir)
		if round%2 == 1 {
			j := r.whole(t)
			write(t, j, 1) // with the reserve
			closeJournal(t, j)
			fillDisk(t, dir)
		}
		acked, said := runChild(t, r, time.Minute)
		if strings.HasPrefix(said, "broken") || strings.HasPrefix(said, "open") || strings.HasPrefix(said, "refused") {
			t.Fatalf("the child said %q", said)
		}
		if said == "full" {
			full++
		}
		highest = max(highest, acked)
		j := r.whole(t) // also while the disk is full
		if j.Size() < highest {
			t.Fatalf("%d entries, but %d were acknowledged", j.Size(), highest)
		}
		if _, err := j.Verify(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := j.Record(t.Context(), Access{Action: ActionPurge}, OutcomeDone); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		closeJournal(t, j)
	}
	if highest == 0 || full == 0 {
		t.Errorf("%d entries, %d times full: the children did nothing", highest, full)
	}
	freeDisk(t, dir)
	j := r.whole(t)
	write(t, j, 1)
}
