//go:build linux

package journal

import (
	"bufio"
	"context"
	"crypto/x509"
	"fmt"
	mathrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Child processes are this test binary with these variables set: where, and what
// one does, "" for writing.
const (
	childDir  = "JOURNAL_TEST_CHILD_DIR"
	childDoes = "JOURNAL_TEST_CHILD_DOES"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir))
	}
	if dir := os.Getenv(crashDir); dir != "" {
		os.Exit(crashChild(dir, os.Getenv(crashScript)))
	}
	os.Exit(m.Run())
}

// child works until it is killed or fails.
func child(dir string) int {
	der, err := os.ReadFile(filepath.Join(dir, "key"))
	if err != nil {
		return 3
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return 3
	}
	witness, err := os.ReadFile(filepath.Join(dir, "witness"))
	if err != nil {
		return 3
	}
	ctx := context.Background()
	j, err := Open(ctx, Config{Dir: filepath.Join(dir, "log"), Log: origin, Signer: key, Witness: string(witness)})
	if err != nil {
		fmt.Println("open:", err)
		return 4
	}
	if b := j.Status().Broken; b != nil {
		fmt.Println("broken:", b)
		return 5
	}
	switch os.Getenv(childDoes) {
	case "full":
		err = childOnAFullDisk(ctx, j)
	case "forget":
		err = childForgets(ctx, j)
	default:
		err = childWrites(ctx, j)
	}
	fmt.Println("refused:", err)
	return 6
}

// childWrites appends and acknowledges what is durable.
func childWrites(ctx context.Context, j *Journal) error {
	for n := 0; ; n++ {
		p, err := j.Intent(ctx, access(n))
		if err == nil {
			fmt.Println("entry", p.Sequence())
			err = j.Result(ctx, p, OutcomeDone)
		}
		if n%7 == 0 && err == nil {
			_, err = j.Checkpoint(ctx)
		}
		if n%11 == 0 && err == nil {
			_, err = j.OpenIntents(ctx)
		}
		if err != nil {
			return err
		}
	}
}

func childRoom(t *testing.T) *room {
	t.Helper()
	return childRoomIn(t, t.TempDir())
}

func childRoomIn(t *testing.T, dir string) *room {
	t.Helper()
	r := newRoom(t)
	r.dir = filepath.Join(dir, "log")
	der, err := x509.MarshalECPrivateKey(r.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"key": der, "witness": []byte(r.witness.Vkey())} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(r.dir), name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// runChild runs a child until it ends, or kills it the given time after its
// first word, and returns the last sequence it acknowledged and its last words.
func runChild(t *testing.T, r *room, after time.Duration) (acked int64, said string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+filepath.Dir(r.dir))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var kill *time.Timer
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if kill == nil {
			kill = time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
			defer kill.Stop()
		}
		said = lines.Text()
		if n, ok := strings.CutPrefix(said, "entry "); ok {
			if acked, err = strconv.ParseInt(n, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // killed, as it should be
	return acked, said
}

func TestKilledAtAnyMoment(t *testing.T) {
	r := childRoom(t)
	random := mathrand.New(mathrand.NewPCG(uint64(time.Now().UnixNano()), 0))
	var highest int64
	for range 12 {
		acked, said := runChild(t, r, time.Duration(random.IntN(150_000))*time.Microsecond)
		if strings.HasPrefix(said, "broken") || strings.HasPrefix(said, "open") || strings.HasPrefix(said, "refused") {
			t.Fatalf("the child said %q", said)
		}
		highest = max(highest, acked)
		j := r.whole(t)
		if j.Size() < highest {
			t.Fatalf("%d entries, but %d were acknowledged", j.Size(), highest)
		}
		if _, err := j.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
		open, err := j.OpenIntents(context.Background())
		if err != nil || len(open) > 12 {
			t.Fatalf("%d open intents, %v", len(open), err)
		}
		closeJournal(t, j)
	}
	if highest == 0 {
		t.Fatal("no child got to write anything")
	}
	j := r.whole(t)
	r.seal(t, j)
	if report, err := r.check(t, j); err != nil || report.Entries < highest {
		t.Errorf("%+v, %v", report, err)
	}
}
