package room

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

// command is the real program on the room's station, with the PIN on file
// descriptor 3 where it is wanted.
func (r *Room) command(ctx context.Context, pin string, args ...string) (*exec.Cmd, error) {
	words := append(slices.Clone(r.Options.Wrap), r.Options.Program, "--config", r.Config)
	words = append(words, args...)
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	// What the window remembers of a person stays in the room.
	cmd.Env = append(os.Environ(), "XDG_CONFIG_HOME="+filepath.Join(r.Options.Dir, "config"))
	cmd.Stderr = os.Stderr
	if r.Options.Errors != nil {
		cmd.Stderr = r.Options.Errors
	}
	if pin == "" {
		return cmd, nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("hand the PIN over: %w", err)
	}
	_, err = io.WriteString(write, pin+"\n")
	cmd.ExtraFiles = []*os.File{read}
	return cmd, errors.Join(err, write.Close())
}

func closePIN(cmd *exec.Cmd) error {
	var errs []error
	for _, f := range cmd.ExtraFiles {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// enrol makes the station one, as an admin does.
func (r *Room) enrol(ctx context.Context, flags ...string) error {
	token, err := r.Central.Token(ctx, Station)
	if err != nil {
		return err
	}
	return r.withFile(ctx, token, "", func(path string) []string {
		return append([]string{"enrol", "--token-file", path}, flags...)
	})
}

func (r *Room) givePINs(ctx context.Context) error {
	for _, person := range r.Options.PINs {
		if err := r.SetPIN(ctx, person, PIN(person)); err != nil {
			return err
		}
	}
	return nil
}

// SetPIN has a person set a PIN at the station, with a code that central gives them.
func (r *Room) SetPIN(ctx context.Context, person, pin string) error {
	code, err := r.Central.PINCode(ctx, person)
	if err != nil {
		return err
	}
	return r.withFile(ctx, code, pin, func(path string) []string {
		return []string{"pin", "set", "--person", person, "--code-file", path, "--pin-fd", "3"}
	})
}

// withFile runs the program with a file that holds a secret of one use.
func (r *Room) withFile(ctx context.Context, secret, pin string, args func(path string) []string) error {
	path := filepath.Join(r.Options.Dir, "secret")
	if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
		return err
	}
	words := args(path)
	cmd, err := r.command(ctx, pin, words...)
	if err != nil {
		return err
	}
	out, err := cmd.Output()
	if err := errors.Join(err, closePIN(cmd), os.Remove(path)); err != nil {
		return fmt.Errorf("%s: %w: %s", words[0], err, out)
	}
	return nil
}

// Export writes the station's journal and its keys to a folder, in place of those
// of an earlier day.
func (r *Room) Export(ctx context.Context, dir string) error {
	for _, name := range []string{"journal.jsonl", "journal.vkey"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	cmd, err := r.command(ctx, "", "journal", "export", dir)
	if err != nil {
		return err
	}
	if out, err := cmd.Output(); err != nil {
		return fmt.Errorf("export the journal: %w: %s", err, out)
	}
	return nil
}

// Window runs the program with its window until it is closed.
func (r *Room) Window(ctx context.Context) error {
	cmd, err := r.command(ctx, "")
	if err != nil {
		return err
	}
	cmd.Stdout = os.Stdout
	return cmd.Run()
}

// Worker is the program at work without a window.
type Worker struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

// Answer is one line of the program's. Fields that an instruction does not
// have are empty.
type Answer struct {
	OK      bool     `json:"ok"`
	Fault   string   `json:"fault"`
	Cause   string   `json:"cause"`
	Ready   int      `json:"ready"`
	Job     string   `json:"job"`
	State   string   `json:"state"`
	Deposit string   `json:"deposit"`
	Pieces  int      `json:"pieces"`
	Slip    string   `json:"slip"`
	Receipt string   `json:"receipt"`
	Matched int      `json:"matched"`
	Missing []string `json:"missing"`
	Printer string   `json:"printer"` // its lamp
	Jobs    []struct {
		Job     string `json:"job"`
		Product string `json:"product"`
		State   string `json:"state"`
		Attempt string `json:"attempt"`
		Hold    string `json:"hold"`
		Order   string `json:"order"`
	} `json:"jobs"`
}

// Refused is an answer that is not ok.
type Refused struct {
	Instruction string
	Fault       string // the program's code
	Cause       string
}

func (r *Refused) Error() string { return fmt.Sprintf("%s: %s: %s", r.Instruction, r.Fault, r.Cause) }

// Work starts the program for a person, who unlocks it with a PIN.
func (r *Room) Work(ctx context.Context, person, pin string) (*Worker, error) {
	cmd, err := r.command(ctx, pin, "work", "--person", person, "--pin-fd", "3")
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(cmd.Start(), closePIN(cmd)); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	w := &Worker{cmd: cmd, in: in, answers: bufio.NewScanner(out)}
	w.answers.Buffer(nil, 16<<20)
	if _, err := w.answer(); err != nil {
		return nil, fmt.Errorf("unlock: %w", errors.Join(err, w.Kill()))
	}
	return w, nil
}

// Do gives an instruction and waits for its answer. An answer that is not ok
// is an error too, a *Refused.
func (w *Worker) Do(format string, args ...any) (Answer, error) {
	line := fmt.Sprintf(format, args...)
	if _, err := fmt.Fprintln(w.in, line); err != nil {
		return Answer{}, fmt.Errorf("%s: %w", line, err)
	}
	a, err := w.answer()
	if err != nil {
		return a, fmt.Errorf("%s: %w", line, err)
	}
	if !a.OK {
		return a, &Refused{Instruction: line, Fault: a.Fault, Cause: a.Cause}
	}
	return a, nil
}

func (w *Worker) answer() (Answer, error) {
	var a Answer
	if !w.answers.Scan() {
		return a, errors.Join(errors.New("the program ended"), w.answers.Err())
	}
	return a, json.Unmarshal(w.answers.Bytes(), &a)
}

// PID is the program's process.
func (w *Worker) PID() int { return w.cmd.Process.Pid }

// Quit ends the program in order.
func (w *Worker) Quit() error {
	_, err := w.Do("quit")
	return errors.Join(err, w.in.Close(), w.cmd.Wait())
}

// Kill ends the program with SIGKILL, as a power cut does.
func (w *Worker) Kill() error {
	err := w.cmd.Process.Kill()
	_ = w.cmd.Wait() // "signal: killed" is what was asked for
	return err
}
