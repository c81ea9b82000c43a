//go:build linux

package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// crashRoom is a folder with a log in it and what its child processes need.
type crashRoom struct {
	*room
	outer    string // the folder around the log's
	verifier string // the delivered program
}

// crashFolder is in memory where there is such a file system: the calls are the
// same, and a test that makes a thousand logs does not wait for a disk.
func crashFolder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "journal")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func newCrashRoom(t *testing.T) *crashRoom {
	t.Helper()
	outer := crashFolder(t)
	r := &crashRoom{room: roomIn(t, filepath.Join(outer, "log")), outer: outer}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := rand.Read(seed); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.witness, err = checkpoint.NewCosigner("central.example/witness", ed25519.NewKeyFromSeed(seed)); err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalECPrivateKey(r.key)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{crashKey: der, crashWitness: seed} {
		if err := os.WriteFile(filepath.Join(outer, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// in is the same room with a log of its own, in a new folder that the caller removes.
func (r *crashRoom) in(log fs.FS) (_ *crashRoom, err error) {
	outer, err := os.MkdirTemp(r.outer, "log")
	if err != nil {
		return nil, err
	}
	for _, name := range []string{crashKey, crashWitness} {
		if err := os.Link(filepath.Join(r.outer, name), filepath.Join(outer, name)); err != nil {
			return nil, err
		}
	}
	copied := *r.room
	copied.dir = filepath.Join(outer, "log")
	if log != nil {
		err = os.CopyFS(copied.dir, log)
	}
	return &crashRoom{room: &copied, outer: outer, verifier: r.verifier}, err
}

// promises are what a child was told, so far: all of it must be so for ever.
type promises struct {
	head    Head
	signed  int64
	sealed  int64
	forgot  int64 // entries before the log's start
	raised  uint64
	permits map[int64]string // what each intent's permit was for
	doing   string           // the step under way, "" when none is
	failed  []failure
}

type failure struct{ step, kind, text string }

func noPromises() promises {
	return promises{raised: crashFirst, permits: map[int64]string{}}
}

// hear takes up a line of a child's.
func (p *promises) hear(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	var err error
	switch word {
	case "do":
		p.doing = rest
	case "head":
		var last string
		if _, err = fmt.Sscan(rest, &p.head.Size, &last); err == nil {
			var b []byte
			if b, err = base64.StdEncoding.DecodeString(last); err == nil {
				p.head.Last = tlog.Hash(b)
			}
		}
		p.doing = ""
	case "permit":
		var sequence int64
		var object string
		_, err = fmt.Sscan(rest, &sequence, &object)
		p.permits[sequence] = object
	case "raised":
		_, err = fmt.Sscan(rest, &p.raised)
	case "signed":
		_, err = fmt.Sscan(rest, &p.signed)
	case "sealed":
		_, err = fmt.Sscan(rest, &p.sealed)
	case "forgot":
		_, err = fmt.Sscan(rest, &p.forgot)
	case "error":
		f := strings.SplitN(rest, " ", 3)
		p.failed = append(p.failed, failure{f[0], f[1], f[2]})
	default:
		err = errors.New("not understood")
	}
	if err != nil {
		return fmt.Errorf("the child said %q: %w", line, err)
	}
	return nil
}

// most is how many entries one step writes.
const most = 3

// command is the child, under the given command if any.
func (r *crashRoom) command(script string, raised uint64, wrap ...string) *exec.Cmd {
	args := append(wrap, os.Args[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), crashDir+"="+r.outer, crashScript+"="+script, fmt.Sprintf("%s=%d", crashRaised, raised),
		"GORACE=atexit_sleep_ms=0", "GODEBUG=asyncpreemptoff=1")
	return cmd
}

// listen runs a command and hears what it was promised, beside what was before.
func (p *promises) listen(cmd *exec.Cmd) error {
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || exit != nil && exit.Exited() {
		return fmt.Errorf("the child ended by itself: %w, %s%s", err, out, errs.Bytes())
	}
	for line := range strings.Lines(string(out)) {
		if !strings.HasSuffix(line, "\n") {
			break // it was killed in the middle
		}
		if err := p.hear(strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// hold demands that the log in the room is whole and has all that was promised,
// and that work goes on in it.
func (p *promises) hold(r *crashRoom) error {
	ctx := context.Background()
	r.counter, r.first = &nv{value: p.raised}, crashFirst
	j, err := Open(ctx, r.config())
	if err != nil {
		return fmt.Errorf("opened anew: %w", err)
	}
	if err := p.kept(ctx, j); err != nil {
		return errors.Join(err, j.Close())
	}
	err = p.goesOn(ctx, j, r)
	return errors.Join(err, j.Close())
}

// kept looks for what was promised.
func (p *promises) kept(ctx context.Context, j *Journal) error {
	s := j.Status()
	if s.Broken != nil {
		return fmt.Errorf("opened anew: %w", s.Broken)
	}
	if s.Entries < p.head.Size || s.Entries > p.head.Size+int64(most*(1+len(p.failed))) {
		return fmt.Errorf("%d entries, %d were acknowledged", s.Entries, p.head.Size)
	}
	if s.Signed < p.signed || s.Sealed < p.sealed {
		return fmt.Errorf("signed up to %d, sealed up to %d; %d and %d were acknowledged", s.Signed, s.Sealed, p.signed, p.sealed)
	}
	start := j.Start().Size
	if start < p.forgot {
		return fmt.Errorf("%d entries were forgotten, and the log starts after %d", p.forgot, start)
	}
	if p.head.Size > start {
		b, err := j.db.entry(ctx, p.head.Size)
		if err != nil || checkpoint.LeafHash(b) != p.head.Last {
			return fmt.Errorf("entry %d is another one than was acknowledged: %w", p.head.Size, err)
		}
	}
	for sequence, object := range p.permits {
		if sequence <= start {
			continue
		}
		b, err := j.db.entry(ctx, sequence)
		if err != nil {
			return err
		}
		e, err := verify.ParseEntry(b)
		if err != nil || e.Kind() != verify.KindIntent || e.Object != object {
			return fmt.Errorf("there was a permit for %s, but entry %d is %s, %w", object, sequence, b, err)
		}
	}
	_, err := j.Verify(ctx)
	return err
}

// goesOn anchors, writes, seals, exports and verifies.
func (p *promises) goesOn(ctx context.Context, j *Journal, r *crashRoom) error {
	if err := j.Anchor(ctx, "p-7f3a"); err != nil {
		return err
	}
	permit, err := j.Intent(ctx, access(1))
	if err != nil {
		return err
	}
	if err := errors.Join(permit.Use(access(1).Object), j.Result(ctx, permit, OutcomeDone)); err != nil {
		return err
	}
	note, err := j.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if note, err = r.witness.Cosign(note, crashTime); err != nil {
		return err
	}
	if err := j.Countersigned(ctx, note); err != nil {
		return err
	}
	return r.verified(ctx, j)
}

// verified exports the log and has the verifier read it.
func (r *crashRoom) verified(ctx context.Context, j *Journal) error {
	var out bytes.Buffer
	if _, err := j.Export(ctx, &out, Span{}); err != nil {
		return err
	}
	keys, err := verify.ParseKeys([]byte(j.Vkeys()))
	if err != nil {
		return err
	}
	export := filepath.Join(r.outer, "journal.jsonl")
	if err := errors.Join(os.WriteFile(export, out.Bytes(), 0o600),
		os.WriteFile(filepath.Join(r.outer, "journal.vkey"), []byte(j.Vkeys()), 0o600)); err != nil {
		return err
	}
	report, err := verify.Export(&out, keys, verify.Options{})
	if err == nil && report.Entries+j.Start().Size != j.Size() {
		err = fmt.Errorf("%d entries of %d were exported", report.Entries, j.Size())
	}
	return err
}

// withVerifier builds the verifier as it is delivered.
func (r *crashRoom) withVerifier(t *testing.T) *crashRoom {
	t.Helper()
	r.verifier = filepath.Join(t.TempDir(), "printroom-verify")
	if out, err := exec.Command("go", "build", "-o", r.verifier, "./verify/printroom-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return r
}

// verifiedApart has the delivered program read the export that verified made.
func (r *crashRoom) verifiedApart() error {
	out, err := exec.Command(r.verifier, "--keys", filepath.Join(r.outer, "journal.vkey"), filepath.Join(r.outer, "journal.jsonl")).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (p *promises) clone() promises {
	c := *p
	c.permits, c.failed = maps.Clone(p.permits), slices.Clone(p.failed)
	return c
}
