//go:build linux

package journal

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// A crash child is this test binary with crashDir and crashScript set. It does
// what the script says to the log in its folder and tells on standard output,
// one write a line, what it was promised: the parent then looks whether that is so.
const (
	crashDir    = "JOURNAL_TEST_CRASH_DIR"
	crashScript = "JOURNAL_TEST_CRASH_SCRIPT"
	crashRaised = "JOURNAL_TEST_CRASH_RAISED" // where the counter stands
)

// What the parent hands to a child, beside the folder log.
const (
	crashKey     = "key"
	crashWitness = "witness"
)

// crashFirst is where the counter stood when the log was begun.
const crashFirst = 7

// crashReserve is small: its bytes are in each trace.
const crashReserve = 1 << 10

// crashTime is the witness's.
var crashTime = time.Unix(1_763_838_000, 0)

// crasher is the child. All its work is on one thread: strace counts the calls
// of each thread apart.
type crasher struct {
	config Config
	key    ed25519.PrivateKey
	j      *Journal
	at     time.Time // the witness's clock
	open   Permit    // an intent without a result yet
	object string    // of open
	n      int
}

// crashCounter says each raise: what was said has happened, whatever befalls the disk.
type crashCounter struct{ value uint64 }

func (c *crashCounter) Value() (uint64, error) { return c.value, nil }

func (c *crashCounter) Raise() (uint64, error) {
	c.value++
	say("raised %d", c.value)
	return c.value, nil
}

func say(format string, args ...any) {
	_, _ = os.Stdout.WriteString(fmt.Sprintf(format, args...) + "\n") // the parent may be gone
}

// crashChild returns 0 when the script was carried out, whatever the steps said.
func crashChild(dir, script string) int {
	runtime.LockOSThread()
	c, err := newCrasher(dir)
	if err != nil {
		say("child %v", err)
		return 3
	}
	ctx := context.Background()
	for _, word := range strings.Fields(script) {
		say("do %s", word)
		err := c.do(ctx, word)
		switch {
		case err != nil:
			say("error %s %s %s", word, errorKind(err), strings.ReplaceAll(err.Error(), "\n", "; "))
		case c.j != nil:
			h := c.j.Head()
			say("head %d %s", h.Size, base64.StdEncoding.EncodeToString(h.Last[:]))
		}
		if c.j == nil && word != "close" {
			return 0 // there is no log to go on with
		}
	}
	return 0
}

func newCrasher(dir string) (*crasher, error) {
	der, err := os.ReadFile(filepath.Join(dir, crashKey))
	if err != nil {
		return nil, err
	}
	key, err := x509.ParseECPrivateKey(der)
	if err != nil {
		return nil, err
	}
	seed, err := os.ReadFile(filepath.Join(dir, crashWitness))
	if err != nil {
		return nil, err
	}
	c := &crasher{key: ed25519.NewKeyFromSeed(seed), at: crashTime}
	w, err := c.witness()
	if err != nil {
		return nil, err
	}
	raised, err := strconv.ParseUint(os.Getenv(crashRaised), 10, 64)
	c.config = Config{Dir: filepath.Join(dir, "log"), Log: origin, Signer: key, Witness: w.Vkey(),
		Counter: &crashCounter{value: raised}, CounterFirst: crashFirst, Reserve: crashReserve}
	return c, err
}

func (c *crasher) witness() (*checkpoint.Cosigner, error) {
	return checkpoint.NewCosigner("central.example/witness", c.key)
}

func errorKind(err error) string {
	for _, k := range []struct {
		err  error
		name string
	}{
		{ErrBroken, "broken"}, {ErrFull, "full"}, {ErrReadOnly, "readonly"}, {ErrIO, "io"},
		{ErrUnanchored, "unanchored"}, {ErrNoPermit, "nopermit"}, {ErrUnsealed, "unsealed"}, {ErrRange, "range"},
	} {
		if errors.Is(err, k.err) {
			return k.name
		}
	}
	return "other"
}

// do carries out one step.
func (c *crasher) do(ctx context.Context, word string) (err error) {
	c.n++
	switch word {
	case "open":
		c.j, err = Open(ctx, c.config)
		if err != nil {
			return err
		}
		return c.j.Status().Broken
	case "close":
		err = c.j.Close()
		c.j = nil
		return err
	case "anchor":
		return c.j.Anchor(ctx, "p-7f3a")
	case "intent":
		c.object = access(c.n).Object
		if c.open, err = c.j.Intent(ctx, access(c.n)); err != nil {
			return err
		}
		say("permit %d %s", c.open.Sequence(), c.object)
		return nil
	case "use":
		return c.open.Use(c.object)
	case "result":
		return c.j.Result(ctx, c.open, OutcomeDone)
	case "batch":
		return c.batch(ctx)
	case "record":
		return c.j.Record(ctx, Access{Action: ActionPurge, Object: access(c.n).Object}, OutcomeDone)
	case "sign":
		return c.sign(ctx, false)
	case "seal":
		return c.sign(ctx, true)
	case "month":
		c.at = c.at.AddDate(0, 1, 0)
		return nil
	case "forget":
		return c.forget(ctx)
	case "derive":
		_, err = c.j.OpenIntents(ctx)
		return err
	}
	return fmt.Errorf("no step %s", word)
}

func (c *crasher) batch(ctx context.Context) error {
	accesses := []Access{access(c.n), access(c.n + 1), access(c.n + 2)}
	permits, err := c.j.Intents(ctx, accesses)
	if err != nil {
		return err
	}
	for i, p := range permits {
		say("permit %d %s", p.Sequence(), accesses[i].Object)
	}
	return nil
}

// forget forgets the oldest shard.
func (c *crasher) forget(ctx context.Context) error {
	shards, err := c.j.Shards(ctx)
	if err != nil {
		return err
	}
	if len(shards) == 0 {
		return ErrUnsealed
	}
	if err := c.j.Forget(ctx, shards[0]); err != nil {
		return err
	}
	say("forgot %d", shards[0].Last)
	return nil
}

// sign makes a checkpoint, and has it countersigned when it is to be sealed.
func (c *crasher) sign(ctx context.Context, seal bool) error {
	note, err := c.j.Checkpoint(ctx)
	if err != nil {
		return err
	}
	cp, err := checkpoint.ParseCheckpoint(note)
	if err != nil {
		return err
	}
	say("signed %d %s", cp.Size, base64.StdEncoding.EncodeToString(cp.Root[:]))
	if !seal {
		return nil
	}
	w, err := c.witness()
	if err != nil {
		return err
	}
	if note, err = w.Cosign(note, c.at); err != nil {
		return err
	}
	if err := c.j.Countersigned(ctx, note); err != nil {
		return err
	}
	say("sealed %d", cp.Size)
	return nil
}
