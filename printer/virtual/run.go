package virtual

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// script is the printer's print command. It hands each job to us through one
// pipe and passes our words on through another: "ATTR:" and "STATE:" lines
// change the printer's state, "EXIT:" ends the job. When we are gone it reads
// an end of file and gives up.
const script = `#!/bin/sh
exec 3<'%[1]s/say'
env -0 >'%[1]s/env'
printf '%%s\n' "$1" 1<>'%[1]s/ask'
while IFS= read -r line <&3; do
	case "$line" in
	EXIT:*) exit "${line#EXIT:}" ;;
	*) printf '%%s\n' "$line" >&2 ;;
	esac
done
exit 1
`

// run is the printer from one power-on to the next power-off.
type run struct {
	printer *child
	ask     *os.File // paths of job files, one a line
	say     *os.File // what the print command is to say
	cancel  context.CancelFunc
	done    chan struct{} // closed when the pipes are no longer served
}

// startRun starts ippeveprinter on a port; p.mu is held.
func (p *Printer) startRun(ctx context.Context, port int) (*run, error) {
	dir, err := os.MkdirTemp(p.state, "run")
	if err != nil {
		return nil, err
	}
	command, ask, say, err := makeCommand(dir)
	if err != nil {
		return nil, err
	}
	serveCtx, cancel := context.WithCancel(context.Background())
	r := &run{ask: ask, say: say, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		jobs := bufio.NewScanner(ask)
		for jobs.Scan() {
			p.work.print(serveCtx, jobs.Text(), filepath.Join(dir, "env"), say)
		}
	}()
	if r.printer, err = p.startPrinter(dir, command, port); err == nil {
		if err = waitFor(ctx, r.printer, func() bool { return listens(port) }); err == nil {
			return r, nil
		}
	}
	return nil, errors.Join(fmt.Errorf("ippeveprinter: %w (%s)", err, p.log.tail()), r.stop())
}

func (p *Printer) startPrinter(dir, command string, port int) (*child, error) {
	attributes, err := p.options.attributes()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "printer.conf")
	if err := os.WriteFile(file, []byte(attributes), 0o600); err != nil {
		return nil, err
	}
	verbose := "-v"
	if p.options.Verbose {
		verbose = "-vvv"
	}
	cmd := exec.Command("ippeveprinter", verbose, "-r", "off", "-n", "localhost", "-p", strconv.Itoa(port),
		"-K", filepath.Join(p.state, "keys"), "-k", "-d", p.options.Dir,
		"-a", file, "-c", command, p.options.Name)
	cmd.Env = append(os.Environ(), "DBUS_SYSTEM_BUS_ADDRESS="+busAddress(p.state), "LC_ALL=C.UTF-8")
	cmd.Stdout, cmd.Stderr = p.log, p.log
	return startChild(cmd)
}

// makeCommand makes the print command and the pipes' ends on our side. They
// are open both ways, so that neither side waits for the other.
func makeCommand(dir string) (command string, ask, say *os.File, err error) {
	command = filepath.Join(dir, "print")
	if err := os.WriteFile(command, fmt.Appendf(nil, script, dir), 0o700); err != nil {
		return "", nil, nil, err
	}
	var pipes [2]*os.File
	for i, name := range []string{"ask", "say"} {
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			return "", nil, nil, err
		}
		if pipes[i], err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
			return "", nil, nil, err
		}
	}
	return command, pipes[0], pipes[1], nil
}

// stop ends the printer with its print command, then what serves it.
func (r *run) stop() error {
	var err error
	if r.printer != nil {
		err = r.printer.stop()
	}
	r.cancel()
	err = errors.Join(err, r.ask.Close())
	<-r.done
	return errors.Join(err, r.say.Close())
}

func listens(port int) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}
