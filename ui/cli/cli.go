// Package cli is the program without a window: one file a command. It knows
// the station by the few methods it calls, and never Fyne.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// Room is a station with everything around it at work.
type Room interface {
	People(ctx context.Context) ([]station.Person, error)
	Unlock(ctx context.Context, pseudonym string, pin []byte) error
	// SetPIN sets a PIN with a code from central, ChangePIN that of who is at work.
	SetPIN(ctx context.Context, pseudonym, code string, pin []byte) error
	ChangePIN(ctx context.Context, old, new []byte) error
	Lock(ctx context.Context) error
	Snapshot() station.Snapshot
	Claim(ctx context.Context) error
	PrintBatch(ctx context.Context, jobIDs []string) error
	StopBatch()
	CancelLetter(ctx context.Context) error
	ChoosePrinter(ctx context.Context, id string) error
	Find(text string) (station.Job, bool)
	Decide(ctx context.Context, d station.Decision) error
	Retry(ctx context.Context, jobID string) error
	Override(ctx context.Context, jobID string, second *station.Second) error
	KeepLonger(ctx context.Context, jobID string, longer bool, second *station.Second) error
	Approve(ctx context.Context, act wire.SecondPersonAct, object string, second *station.Second) error
	TakeBack(ctx context.Context, attempt postal.AttemptCode, reason station.ReturnReason) error
	Deposits(ctx context.Context) ([]station.DepositView, error)
	Scan(ctx context.Context, text string) (station.Job, error)
	Deposit(ctx context.Context) (station.Deposit, error)
	AttachReceipt(ctx context.Context, depositNumber string, file []byte) (station.Receipt, error)
	Push(ctx context.Context) error
	// Months are those of the journal, the oldest first.
	Months(ctx context.Context) ([]journal.Shard, error)
	ExportJournal(ctx context.Context, entries, keys io.Writer, s journal.Span) (unsealed int64, err error)
	// ExportJournals writes the journals of earlier enrolments too, the oldest first:
	// to is called for each, numbered from 1 on, and calls write.
	ExportJournals(ctx context.Context, unsealed bool, to func(n int, write WriteJournal) error) error
	Close() error
}

// WriteJournal writes one journal and the keys to check it with. unsealed is how
// many of its entries no countersignature covers, written or not.
type WriteJournal = func(entries, keys io.Writer) (unsealed int64, err error)

// Program is what main gives the commands.
type Program struct {
	Version string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Texts   *language.Texts // in the language of whoever started the program

	// Window opens the window and returns when it is closed.
	Window func(ctx context.Context, config string) error
	// Open puts the room together; the caller closes it.
	Open func(ctx context.Context, config string) (Room, error)
	// Fail shows in a window what kept the program's own from opening; nil where
	// there can be none. It returns when that window is closed.
	Fail func(ctx context.Context, err error)
	// Journal opens the journal to be read, without TPM, PIN or central.
	Journal func(ctx context.Context, config string) (Journal, error)
	// Renderer starts the sandboxed renderer.
	Renderer func() (Renderer, error)
	// Enrol makes this workstation a station and returns its name; again, where it
	// is one whose TPM was cleared or replaced, or whose certificate has ended.
	Enrol func(ctx context.Context, config, token string, again bool) (string, error)
	// Provision defines in the TPM what people at work may have no right to define:
	// so many places for PINs, and the counters. It is safe to be done again.
	Provision func(ctx context.Context, config string, slots int) error
}

// The exit codes.
const (
	exitDone          = 0
	exitFailed        = 1
	exitNotUnderstood = 2
	exitRunning       = 3 // another copy of the program has the data folder
)

// StartError is what kept the window from opening.
type StartError struct {
	Err   error
	Shown bool // another copy brought its window to the front instead
}

func (e *StartError) Error() string { return e.Err.Error() }

func (e *StartError) Unwrap() error { return e.Err }

// errTold ends a command that failed and has said why.
var errTold = errors.New("told")

// Command is the whole tree of commands; run is called with what the person
// asked for, before the command does it.
func (p *Program) Command(understood func()) *cobra.Command {
	var config string
	root := &cobra.Command{
		Use:           "printroom",
		Short:         "Bjet24's print room: letters in, paper out, every access on record",
		Long:          longRoot,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return p.window(cmd.Context(), config) },
	}
	root.PersistentFlags().StringVar(&config, "config", "", "settings file to read instead of the user's; the machine's policy wins over it")
	root.AddCommand(p.enrol(&config), p.provision(&config), p.people(&config), p.pin(&config), p.work(&config), p.status(&config), p.doctor(&config), p.preflight(), p.journal(&config), p.version())
	root.PersistentPreRun = func(*cobra.Command, []string) { understood() }
	return root
}

const longRoot = `Without a command the window opens. The commands do the same work without one.

Exit codes: 0 done, 1 failed, 2 not understood, 3 the program is running already.`

// Run runs the command that args name, or the window when they name none, and
// returns the exit code.
func (p *Program) Run(ctx context.Context, args []string) int {
	understood := false // cobra calls this once command, flags and arguments are known
	root := p.Command(func() { understood = true })
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if !errors.Is(err, errTold) {
		p.explain(err)
	}
	switch {
	case !understood:
		return exitNotUnderstood
	case errors.Is(err, store.ErrInUse):
		return exitRunning
	}
	return exitFailed
}

// window opens the window. What keeps it from opening is told at the terminal
// and, since nobody may look there, in a window of its own.
func (p *Program) window(ctx context.Context, config string) error {
	err := p.Window(ctx, config)
	var start *StartError
	if !errors.As(err, &start) {
		return err
	}
	if start.Shown {
		p.tell("%s\n", p.Texts.Say("cli.shown"))
		return fmt.Errorf("%w: %w", errTold, err)
	}
	p.explain(err)
	if p.Fail != nil {
		p.Fail(ctx, Fault(start.Err))
	}
	return fmt.Errorf("%w: %w", errTold, err)
}

// Fault gives what keeps the program from starting the code that a person is
// told. Another error stays as it is.
func Fault(err error) error {
	var known *station.Fault
	if errors.As(err, &known) {
		return err
	}
	for _, c := range []struct {
		is   error
		code station.FaultCode
	}{
		{store.ErrInUse, station.AlreadyRunning},
		{enrolment.ErrNotEnrolled, station.NotEnrolled},
		{settings.ErrSettings, station.BadSettings},
		{settings.ErrDataFolder, station.DataFolder},
	} {
		if errors.Is(err, c.is) {
			return &station.Fault{Code: c.code, Err: err}
		}
	}
	return err
}

// explain prints an error the way a person can use it: what happened, what it
// means, what to do, then the cause.
func (p *Program) explain(err error) {
	var f *station.Fault
	if !errors.As(Fault(err), &f) {
		p.tell("printroom: %v\n", err)
		return
	}
	key := "fault." + string(f.Code)
	p.tell("printroom: %s\n%s\n%s\n", p.Texts.Say(key+".what"), p.Texts.Say(key+".means"), p.Texts.Say(key+".do"))
	if f.Err != nil {
		p.tell("(%s: %v)\n", f.Code, f.Err)
	}
}

// tell writes to standard error; when that fails there is nobody to tell.
func (p *Program) tell(format string, args ...any) { _, _ = fmt.Fprintf(p.Stderr, format, args...) }
