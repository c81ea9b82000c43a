package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
	sandbox "espero-soft.com/printroom/printer/render/worker"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/journal"
)

const pin = "483920"

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fakeRoom does what its fields say and writes down what it was asked.
type fakeRoom struct {
	asked    []string
	pin      string
	fail     map[string]error // by what is asked
	snapshot station.Snapshot
	people   []station.Person
	scanned  station.Job
	deposit  station.Deposit
	receipt  station.Receipt
	deposits []station.DepositView
	months   []journal.Shard
	unsealed int64
	mu       sync.Mutex    // guards asked
	stopped  chan struct{} // closed by StopBatch; a print waits for it when it is not nil
	decided  []string
}

func (r *fakeRoom) ask(words ...string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, strings.Join(words, " "))
	return r.fail[words[0]]
}

func (r *fakeRoom) People(context.Context) ([]station.Person, error) {
	return r.people, r.ask("people")
}

func (r *fakeRoom) SetPIN(_ context.Context, pseudonym, code string, pin []byte) error {
	return r.ask("setpin", pseudonym, code, string(pin))
}

func (r *fakeRoom) ChangePIN(_ context.Context, old, new []byte) error {
	return r.ask("changepin", string(old), string(new))
}

// with writes a second person down, and forgets the PIN as the station does.
func with(second *station.Second) string {
	if second == nil {
		return "alone"
	}
	return second.Pseudonym + " " + string(second.PIN)
}

func (r *fakeRoom) Override(_ context.Context, job string, second *station.Second) error {
	return r.ask("override", job, with(second))
}

func (r *fakeRoom) KeepLonger(_ context.Context, job string, longer bool, second *station.Second) error {
	return r.ask("keep", job, fmt.Sprint(longer), with(second))
}

func (r *fakeRoom) Approve(_ context.Context, act wire.SecondPersonAct, object string, second *station.Second) error {
	return r.ask("approve", string(act)+object, with(second))
}

func (r *fakeRoom) Unlock(_ context.Context, pseudonym string, pin []byte) error {
	r.pin = string(pin)
	return r.ask("unlock", pseudonym)
}

func (r *fakeRoom) Lock(context.Context) error  { return r.ask("lock") }
func (r *fakeRoom) Snapshot() station.Snapshot  { return r.snapshot }
func (r *fakeRoom) Claim(context.Context) error { return r.ask("claim") }
func (r *fakeRoom) Push(context.Context) error  { return r.ask("push") }
func (r *fakeRoom) Close() error                { return r.ask("close") }

func (r *fakeRoom) PrintBatch(_ context.Context, ids []string) error {
	err := r.ask(append([]string{"print"}, ids...)...)
	if r.stopped != nil {
		<-r.stopped
	}
	return err
}

func (r *fakeRoom) StopBatch() {
	_ = r.ask("stop")
	if r.stopped != nil {
		close(r.stopped)
	}
}

func (r *fakeRoom) CancelLetter(context.Context) error        { return r.ask("cancel") }
func (r *fakeRoom) Retry(_ context.Context, job string) error { return r.ask("retry", job) }

func (r *fakeRoom) TakeBack(_ context.Context, a postal.AttemptCode, reason station.ReturnReason) error {
	return r.ask("takeback", string(a), string(reason))
}

func (r *fakeRoom) Find(text string) (station.Job, bool) {
	return r.scanned, text == string(code) && r.scanned.ID != ""
}

func (r *fakeRoom) Decide(_ context.Context, d station.Decision) error {
	said := fmt.Sprintf("%s %s %s %v", d.Job, d.Verdict, d.Reason, d.Destroyed)
	if d.Second != nil {
		said += " " + d.Second.Pseudonym + " " + string(d.Second.PIN)
	}
	r.decided = append(r.decided, said)
	return r.ask("decide")
}

func (r *fakeRoom) ChoosePrinter(_ context.Context, id string) error { return r.ask("printer", id) }

func (r *fakeRoom) Deposits(context.Context) ([]station.DepositView, error) {
	return r.deposits, r.ask("deposits")
}

func (r *fakeRoom) Scan(_ context.Context, text string) (station.Job, error) {
	return r.scanned, r.ask("scan", text)
}

func (r *fakeRoom) Deposit(context.Context) (station.Deposit, error) {
	return r.deposit, r.ask("deposit")
}

func (r *fakeRoom) AttachReceipt(_ context.Context, number string, file []byte) (station.Receipt, error) {
	return r.receipt, r.ask("receipt", number, string(file))
}

func (r *fakeRoom) Months(context.Context) ([]journal.Shard, error) { return r.months, nil }

func (r *fakeRoom) ExportJournals(_ context.Context, unsealed bool, to func(int, WriteJournal) error) error {
	for n := range 3 {
		err := to(1+n, func(entries, keys io.Writer) (int64, error) {
			return r.ExportJournal(context.Background(), entries, keys, journal.Span{Unsealed: unsealed})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *fakeRoom) ExportJournal(_ context.Context, entries, keys io.Writer, s journal.Span) (int64, error) {
	what := []string{"export"}
	if s.Shard != nil {
		what = append(what, s.Shard.Month.Format("2006-01"))
	}
	if s.Unsealed {
		what = append(what, "unsealed")
	}
	if err := r.ask(what...); err != nil {
		return 0, err
	}
	_, e1 := io.WriteString(entries, "entries\n")
	_, e2 := io.WriteString(keys, "keys\n")
	return r.unsealed, errors.Join(e1, e2)
}

// run is the program with a fake room around it.
type run struct {
	Program
	room     *fakeRoom
	out, err bytes.Buffer
	config   string
	windows  int
	enrolled []string // token, and whether it is again
	places   []int    // that were provisioned
	name     string   // that enrolment gives
	fault    error    // of Open, Window and Enrol
	failed   []error  // shown in a window of their own
	log      *fakeJournal
}

// fakeJournal is a journal that was read already.
type fakeJournal struct {
	read   journal.Verification
	status journal.Status
	start  journal.Start
	months []journal.Shard
	err    error
	closed int
}

func (j *fakeJournal) Verify(context.Context) (journal.Verification, error) { return j.read, j.err }
func (j *fakeJournal) Status() journal.Status                               { return j.status }
func (j *fakeJournal) Start() journal.Start                                 { return j.start }
func (j *fakeJournal) Shards(context.Context) ([]journal.Shard, error)      { return j.months, j.err }
func (j *fakeJournal) Close() error                                         { j.closed++; return nil }

// TestMain lets the test binary be run again as the sandboxed renderer.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == sandbox.Arg {
		os.Exit(sandbox.Main())
	}
	os.Exit(m.Run())
}

func newRun(t *testing.T, tag, input string) *run {
	t.Helper()
	all, err := language.Load(assets.Translations, "translations")
	noError(t, err)
	r := &run{room: &fakeRoom{fail: map[string]error{}}, name: "press-1", log: &fakeJournal{}}
	r.Program = Program{
		Version: "1.2.3", Stdin: strings.NewReader(input), Stdout: &r.out, Stderr: &r.err, Texts: all.In(tag),
		Window: func(_ context.Context, config string) error {
			r.windows++
			r.config = config
			return r.fault
		},
		Open: func(_ context.Context, config string) (Room, error) {
			r.config = config
			if r.fault != nil {
				return nil, r.fault
			}
			return r.room, nil
		},
		Fail: func(_ context.Context, err error) { r.failed = append(r.failed, err) },
		Journal: func(_ context.Context, config string) (Journal, error) {
			r.config = config
			return r.log, r.fault
		},
		Renderer: func() (Renderer, error) { return render.NewPool(render.Config{Arg: sandbox.Arg}) },
		Enrol: func(_ context.Context, config, token string, again bool) (string, error) {
			r.config = config
			r.enrolled = append(r.enrolled, fmt.Sprint(token, " ", again))
			return r.name, r.fault
		},
		Provision: func(_ context.Context, config string, slots int) error {
			r.config = config
			r.places = append(r.places, slots)
			return r.fault
		},
	}
	return r
}

// wantExit runs the program.
func (r *run) wantExit(t *testing.T, want int, args ...string) {
	t.Helper()
	if code := r.Run(t.Context(), args); code != want {
		t.Errorf("printroom %q ended with %d, want %d; it said %s", args, code, want, r.err.String())
	}
}

func (r *run) wantSaid(t *testing.T, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(r.err.String(), p) {
			t.Errorf("it said %q, want %q in it", r.err.String(), p)
		}
	}
}

// pipe hands text over through a file descriptor, which the program closes.
func pipe(t *testing.T, text string) (fd string) {
	t.Helper()
	read, write, err := os.Pipe()
	noError(t, err)
	_, err = io.WriteString(write, text)
	noError(t, errors.Join(err, write.Close()))
	return owned(t, read)
}

func tokenFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "token")
	noError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// json runs the program and reads its answer of one line.
func (r *run) json(t *testing.T, exit int, args ...string) (answer map[string]any) {
	t.Helper()
	r.out.Reset()
	r.wantExit(t, exit, args...)
	noError(t, json.Unmarshal(r.out.Bytes(), &answer))
	return answer
}
