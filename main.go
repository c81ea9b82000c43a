// Command printroom is the desktop application of Bjet24's print rooms: it
// pulls paid letters, opens them with keys sealed in the workstation's TPM,
// prints them, captures the proof of drop-off, and keeps an access journal.
//
// Without arguments it opens the window; with a command it does without; run
// again by itself, it is the sandboxed renderer. These files build the parts and
// join them; they decide nothing.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/printer/render/worker"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/ui"
	"espero-soft.com/printroom/ui/cli"
	"espero-soft.com/printroom/ui/habits"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// workerArgument is what the renderer's parent gives its worker processes.
const workerArgument = "render-worker"

func main() {
	if len(os.Args) == 2 && os.Args[1] == workerArgument {
		os.Exit(worker.Main())
	}
	if err := memory.Harden(); err != nil {
		fmt.Fprintln(os.Stderr, "printroom: this process could not be closed to others:", err)
		os.Exit(1)
	}
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		fmt.Fprintln(os.Stderr, "printroom:", err)
		os.Exit(1)
	}
	ctx, stop := untilTold()
	defer stop()
	program := &cli.Program{
		Version: settings.Version, Texts: texts.In(language.OfSystem()), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Window: window, Fail: fail, Enrol: enrol, Provision: provision, Open: work, Journal: readJournal,
		Renderer: func() (cli.Renderer, error) { return render.NewPool(render.Config{Arg: workerArgument}) },
	}
	code := program.Run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// untilTold ends when somebody ends the program, or the terminal that it was
// started from goes. That nobody reads what it says does not end it: a letter
// may be half printed.
func untilTold() (context.Context, context.CancelFunc) {
	signal.Ignore(syscall.SIGPIPE)
	ends := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
		ends = append(ends, syscall.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), ends...)
}

// window runs the program in its window. A program that has this data folder
// already is asked to show its own.
func window(ctx context.Context, config string) (err error) {
	s, err := load(config)
	if err != nil {
		return &cli.StartError{Err: err}
	}
	var r *room // once it is open
	defer func() {
		if r != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	show := make(chan struct{})
	opened := func(ctx context.Context) (ui.Station, error) {
		var err error
		if r, err = open(ctx, s); err != nil {
			return nil, err
		}
		r.window = true
		r.answer(func() bool { return asked(show) })
		return r, nil
	}
	unread := func(error) { r.log.Warn("habits_unreadable") }
	err = ui.Run(ctx, ui.Config{Open: opened, Language: s.Language, Idle: s.IdleLock, Show: show, Memory: people(unread)})
	if shown := new(ui.ShownError); err == nil || r != nil || errors.As(err, &shown) {
		return err
	}
	if errors.Is(err, store.ErrInUse) {
		shown, _ := instance.Show(ctx, s.DataDir) // whoever does not answer has no window
		return &cli.StartError{Err: err, Shown: shown}
	}
	return &cli.StartError{Err: err}
}

// asked hands over that the window is wanted, and tells whether there is still
// one that heard it: a program whose window was closed works on for a moment.
func asked(show chan<- struct{}) bool {
	select {
	case show <- struct{}{}:
		return true
	case <-time.After(time.Second):
		return false
	}
}

// people is where the window keeps how each person left it, nil where the
// system names no folder for such things; unread is told of what can't be read.
func people(unread func(error)) viewmodel.Shelf {
	dir, err := os.UserConfigDir()
	if err != nil {
		return nil
	}
	return habits.Folder{Dir: filepath.Join(dir, "printroom", "people"), Log: unread}
}

// fail shows what kept the window from opening, where there is a display.
func fail(ctx context.Context, err error) {
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return
	}
	_ = ui.Fail(ctx, ui.Config{Language: language.OfSystem()}, err) // the terminal has it too
}

// work puts the room together without a window.
func work(ctx context.Context, config string) (cli.Room, error) {
	s, err := load(config)
	if err != nil {
		return nil, err
	}
	r, err := open(ctx, s)
	if err != nil {
		return nil, err
	}
	r.answer(func() bool { return false })
	return r, nil
}

// readJournal opens the journal to be read, which needs neither the TPM nor a
// PIN, and may be done beside a running program.
func readJournal(ctx context.Context, config string) (cli.Journal, error) {
	s, err := load(config)
	if err != nil {
		return nil, err
	}
	id, err := enrolment.Load(s.DataDir)
	if err != nil {
		return nil, err
	}
	key, _, err := tpm.CheckPublic(tpm.RoleLog, id.Keys.Keys[tpm.RoleLog].Public, nil)
	if err != nil {
		return nil, err
	}
	c, err := id.Journal(s.DataDir, enrolment.PublicSigner{Key: key})
	if err != nil {
		return nil, err
	}
	return journal.Open(ctx, c)
}

func load(config string) (settings.Settings, error) {
	s, err := settings.LoadNamed(config)
	if err != nil {
		return s, err
	}
	return s, settings.MakeDataFolder(s.DataDir)
}
