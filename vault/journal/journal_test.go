package journal

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const origin = "bjet24.example/room/station-1"

// room is a journal's surroundings: its folder, its key and its witness.
type room struct {
	dir     string
	key     *ecdsa.PrivateKey
	witness *checkpoint.Cosigner
	now     func() time.Time
	hours   WorkingHours
	counter Counter
	first   uint64
	spare   int64 // 0 for a small reserve
}

// fixture is what a test and a property's check have in common.
type fixture interface {
	Helper()
	Fatal(args ...any)
}

func newRoom(t testing.TB) *room {
	t.Helper()
	return roomIn(t, filepath.Join(t.TempDir(), "a ?#%b"))
}

func roomIn(t fixture, dir string) *room {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w, err := checkpoint.NewCosigner("central.example/witness", priv)
	if err != nil {
		t.Fatal(err)
	}
	return &room{dir: dir, key: key, witness: w}
}

func (r *room) config() Config {
	return Config{Dir: r.dir, Log: origin, Signer: r.key, Witness: r.witness.Vkey(), Now: r.now, Hours: r.hours, Counter: r.counter, CounterFirst: r.first, Reserve: cmp.Or(r.spare, 1<<10)}
}

func (r *room) open(t testing.TB) *Journal {
	t.Helper()
	j, err := Open(context.Background(), r.config())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { closeJournal(t, j) })
	return j
}

func closeJournal(t testing.TB, j *Journal) {
	t.Helper()
	if err := j.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// whole opens the journal and demands that it is not broken.
func (r *room) whole(t testing.TB) *Journal {
	t.Helper()
	j := r.open(t)
	if err := j.Status().Broken; err != nil {
		t.Fatalf("broken after opening: %v", err)
	}
	return j
}

// seal signs the head and brings the witness's answer.
func (r *room) seal(t testing.TB, j *Journal) {
	t.Helper()
	ctx := context.Background()
	n, err := j.Checkpoint(ctx)
	if err != nil {
		t.Fatalf("Checkpoint: %v", err)
	}
	if n, err = r.witness.Cosign(n, time.Unix(1_763_838_000, 0)); err != nil {
		t.Fatal(err)
	}
	if err := j.Countersigned(ctx, n); err != nil {
		t.Fatalf("Countersigned: %v", err)
	}
}

func (r *room) check(t testing.TB, j *Journal) (verify.Report, error) {
	t.Helper()
	var out bytes.Buffer
	if _, err := j.Export(context.Background(), &out, Span{}); err != nil {
		t.Fatalf("Export: %v", err)
	}
	keys, err := verify.ParseKeys([]byte(j.Vkeys()))
	if err != nil {
		t.Fatal(err)
	}
	return verify.Export(&out, keys, verify.Options{})
}

func access(n int) Access {
	return Access{Actor: "p-7f3a", Object: fmt.Sprintf("job-%d", n), Action: ActionPreview}
}

// write adds n whole accesses, two entries each.
func write(t testing.TB, j *Journal, n int) {
	t.Helper()
	ctx := context.Background()
	for i := range n {
		p, err := j.Intent(ctx, access(i))
		if err != nil {
			t.Fatalf("Intent: %v", err)
		}
		if err := j.Result(ctx, p, OutcomeDone); err != nil {
			t.Fatalf("Result: %v", err)
		}
	}
}

func TestALogsLife(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	if _, err := j.Export(ctx, &bytes.Buffer{}, Span{}); !errors.Is(err, ErrUnsealed) {
		t.Errorf("export without a countersignature: %v", err)
	}
	write(t, j, 3)
	if err := j.Record(ctx, Access{Action: ActionLock, Actor: "p-7f3a", Reason: "idle", Counter: 4}, OutcomeDone); err != nil {
		t.Fatal(err)
	}
	r.seal(t, j)
	write(t, j, 1)
	s := j.Status()
	if s.Entries != 9 || s.Sealed != 7 || s.SealedAt.Unix() != 1_763_838_000 || j.Size() != 9 {
		t.Errorf("status: %+v", s)
	}
	var out bytes.Buffer
	unsealed, err := j.Export(ctx, &out, Span{})
	if err != nil || unsealed != 2 {
		t.Fatalf("Export left out %d, %v", unsealed, err)
	}
	report, err := r.check(t, j)
	if err != nil || report.Entries != 7 || report.Log != origin {
		t.Errorf("export: %+v, %v", report, err)
	}
	closeJournal(t, j)

	j = r.whole(t)
	if got := j.Status(); got.Entries != 9 || got.Sealed != 7 || !got.SealedAt.Equal(s.SealedAt) {
		t.Errorf("status after opening again: %+v", got)
	}
	write(t, j, 1)
	r.seal(t, j)
	v, err := j.Verify(ctx)
	if err != nil || v.Entries != 11 || v.Checkpoints != 4 || j.Status().Verified != 11 {
		t.Errorf("Verify: %+v, %v", v, err)
	}
	if report, err := r.check(t, j); err != nil || report.Entries != 11 {
		t.Errorf("export: %+v, %v", report, err)
	}
}

func TestEntriesAreTheExactBytes(t *testing.T) {
	r := newRoom(t)
	at := time.Date(2026, 11, 22, 18, 30, 1, 234_999_999, time.FixedZone("", 3600))
	r.now = func() time.Time { return at }
	j := r.whole(t)
	j.clock = clock{"0a0b0c0d-0000-4000-8000-000000000001", func() (time.Duration, error) { return 90 * time.Second, nil }}
	ctx := context.Background()
	p, err := j.Intent(ctx, Access{Actor: "p-7f3a", Object: "job-12", Attempt: "0123456789ABX", Action: ActionPrint, Reason: "batch"})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.ResultFor(ctx, p, OutcomeFailed, "printer_off"); err != nil {
		t.Fatal(err)
	}
	entries, err := j.Entries(ctx, 0, 10)
	if err != nil || len(entries) != 2 {
		t.Fatalf("Entries: %d, %v", len(entries), err)
	}
	common := `"boot":"0a0b0c0d-0000-4000-8000-000000000001",%s"log":"` + origin + `","monotonic":90000,"object":"job-12",%s"previous":"%s","reason":"%s","sequence":%d,"time":"2026-11-22T17:30:01.234Z","version":1}`
	start := `{"action":"print","actor":"p-7f3a","attempt":"0123456789ABX",`
	first := start + fmt.Sprintf(common, "", "", tlog.Hash{}, "batch", 1)
	second := start + fmt.Sprintf(common, `"intent":1,`, `"outcome":"failed",`, tlog.RecordHash([]byte(first)), "printer_off", 2)
	for i, want := range []string{first, second} {
		if string(entries[i]) != want {
			t.Errorf("entry %d:\n%s\nwant\n%s", i+1, entries[i], want)
		}
	}
	if some, err := j.Entries(ctx, 1, 10); err != nil || len(some) != 1 || string(some[0]) != second {
		t.Errorf("entries after the first: %q, %v", some, err)
	}
}

func TestNothingPersonalGetsIn(t *testing.T) {
	j := newRoom(t).whole(t)
	ctx := context.Background()
	ok := Access{Actor: "p-7f3a", Object: "job-1", Action: ActionOpen}
	for name, edit := range map[string]func(*Access){
		"name":           func(a *Access) { a.Actor = "Jean Dupont" },
		"login":          func(a *Access) { a.Actor = "jean.dupont" },
		"first name":     func(a *Access) { a.Actor = "jean" },
		"names":          func(a *Access) { a.Actor = "p-jean-dupont-1" },
		"mail":           func(a *Access) { a.Actor = "jean1@example.be" },
		"address":        func(a *Access) { a.Object = "Rue de la Loi 16" },
		"file":           func(a *Access) { a.Object = "letter-1.pdf" },
		"quote":          func(a *Access) { a.Object = `job"1` },
		"newline":        func(a *Access) { a.Object = "job\n1" },
		"no object":      func(a *Access) { a.Object = "" },
		"long":           func(a *Access) { a.Object = strings.Repeat("1", 65) },
		"unicode":        func(a *Access) { a.Object = "job-é1" },
		"sentence":       func(a *Access) { a.Reason = "the printer is off" },
		"capital reason": func(a *Access) { a.Reason = "Dupont" },
		"attempt":        func(a *Access) { a.Attempt = "Dupont" },
		"low attempt":    func(a *Access) { a.Attempt = "0123456789abx" },
		"action":         func(a *Access) { a.Action = "jean_dupont" },
		"counter":        func(a *Access) { a.Counter = -1 },
	} {
		a := ok
		edit(&a)
		if _, err := j.Intent(ctx, a); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := j.Record(ctx, ok, "jean_dupont"); !errors.Is(err, ErrInvalid) {
		t.Errorf("outcome: %v", err)
	}
	if j.Size() != 0 {
		t.Errorf("%d entries were written", j.Size())
	}
	for _, id := range []string{"job-1", "p-7f3a", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "01ARZ3NDEKTSV4RRFFQ69G5FAV",
		"claim-deadbeef1", "42", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "station-1", "deposit_2026-11-22_1"} {
		if err := verify.CheckID(id); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestPermit(t *testing.T) {
	ctx := context.Background()
	j := newRoom(t).whole(t)
	if err := (Permit{}).Use("job-1"); !errors.Is(err, ErrNoPermit) {
		t.Errorf("zero value: %v", err)
	}
	if err := j.Result(ctx, Permit{}, OutcomeDone); !errors.Is(err, ErrNoPermit) {
		t.Errorf("result of the zero value: %v", err)
	}
	p, err := j.Intent(ctx, access(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Use("job-2"); !errors.Is(err, ErrPermitObject) {
		t.Errorf("another object: %v", err)
	}
	var wins atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if err := p.Use("job-1"); err == nil {
				wins.Add(1)
			} else if !errors.Is(err, ErrPermitUsed) {
				t.Errorf("second use: %v", err)
			}
		})
	}
	all.Wait()
	if wins.Load() != 1 {
		t.Errorf("%d uses of one permit", wins.Load())
	}
	if err := j.Result(ctx, p, OutcomeDone); err != nil {
		t.Fatal(err)
	}
	if err := j.Result(ctx, p, OutcomeDone); !errors.Is(err, ErrPermitUsed) {
		t.Errorf("second result: %v", err)
	}

	p, err = j.Intent(ctx, access(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Result(ctx, p, OutcomeCancelled); err != nil {
		t.Fatal(err)
	}
	if err := p.Use("job-1"); !errors.Is(err, ErrPermitUsed) {
		t.Errorf("use after the result: %v", err)
	}
	p, err = j.Intent(ctx, access(1))
	if err != nil {
		t.Fatal(err)
	}
	closeJournal(t, j)
	if err := p.Use("job-1"); !errors.Is(err, ErrClosed) {
		t.Errorf("use after closing: %v", err)
	}
	if _, err := j.Intent(ctx, access(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("intent after closing: %v", err)
	}
}

func TestOpenIntents(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	j := r.whole(t)
	permits, err := j.Intents(ctx, []Access{access(1), access(2), access(3)})
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Result(ctx, permits[1], OutcomeDone); err != nil {
		t.Fatal(err)
	}
	for range 2 { // a second time after opening again
		open, err := j.OpenIntents(ctx)
		if err != nil || len(open) != 2 || open[0].Object != "job-1" || open[1].Sequence != permits[2].Sequence() {
			t.Errorf("OpenIntents: %+v, %v", open, err)
		}
		closeJournal(t, j)
		j = r.whole(t)
	}
}

func TestConcurrentWritersAndReaders(t *testing.T) {
	ctx := context.Background()
	r := newRoom(t)
	journals := []*Journal{r.whole(t), r.whole(t)} // as two processes would
	var all sync.WaitGroup
	for i := range 6 {
		j := journals[i%2]
		all.Go(func() {
			for n := range 10 {
				p, err := j.Intent(ctx, access(n))
				if err != nil {
					t.Errorf("Intent: %v", err)
					return
				}
				if err := errors.Join(p.Use(access(n).Object), j.Result(ctx, p, OutcomeDone)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Go(func() {
		for range 5 {
			if _, err := journals[0].Verify(ctx); err != nil {
				t.Errorf("Verify of a live log: %v", err)
			}
			r.seal(t, journals[0])
			if _, err := journals[1].OpenIntents(ctx); err != nil {
				t.Errorf("OpenIntents: %v", err)
			}
		}
	})
	all.Wait()
	r.seal(t, journals[1])
	if report, err := r.check(t, journals[0]); err != nil || report.Entries != 120 {
		t.Errorf("%+v, %v", report, err)
	}
	for _, j := range journals {
		if s := j.Status(); s.Broken != nil {
			t.Error(s.Broken)
		}
	}
}
