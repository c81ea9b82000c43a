// Package cli is the program without a window: one file a command. It knows
// the station by the few methods it calls, and never Fyne.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/vault/memory"
)

// Room is a station with everything around it at work.
type Room interface {
	People(ctx context.Context) ([]station.Person, error)
	Unlock(ctx context.Context, pseudonym string, pin []byte) error
	Lock(ctx context.Context) error
	Snapshot() station.Snapshot
	Claim(ctx context.Context) error
	PrintBatch(ctx context.Context, jobIDs []string) error
	Scan(ctx context.Context, text string) (station.Job, error)
	Deposit(ctx context.Context) (station.Deposit, error)
	AttachReceipt(ctx context.Context, depositNumber string, file []byte) (station.Receipt, error)
	Push(ctx context.Context) error
	ExportJournal(ctx context.Context, journal, keys io.Writer) (unsealed int64, err error)
	Close() error
}

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
	// Enrol makes this workstation a station and returns its name.
	Enrol func(ctx context.Context, config, token string, pin *memory.Buffer) (string, error)
}

// Run runs the command that args name, or the window when they name none, and
// returns the exit code: 0 done, 1 failed, 2 not understood.
func (p *Program) Run(ctx context.Context, args []string) int {
	var config string
	root := &cobra.Command{
		Use:           "printroom",
		Short:         "Bjet24's print room: letters in, paper out, every access on record",
		Long:          "Without a command the window opens. The commands do the same work without one.",
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return p.Window(cmd.Context(), config) },
	}
	root.PersistentFlags().StringVar(&config, "config", "", "settings file to read instead of the user's; the machine's policy wins over it")
	root.AddCommand(p.enrol(&config), p.work(&config), p.journal(&config), p.version())
	root.SetArgs(args)
	root.SetIn(p.Stdin)
	root.SetOut(p.Stdout)
	root.SetErr(p.Stderr)
	understood := false // cobra calls this once command, flags and arguments are known
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	p.explain(err)
	if !understood {
		return 2
	}
	return 1
}

// explain prints an error the way a person can use it: what happened, what it
// means, what to do, then the cause.
func (p *Program) explain(err error) {
	var f *station.Fault
	if !errors.As(err, &f) {
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
