// Package instance lets a second copy of the program speak to the first, which
// has the data folder: through a socket in it that only its owner can reach.
// The second asks for the window to be shown, or how the station is.
package instance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const (
	socketName = "station.sock"
	patience   = 2 * time.Second // of either side with the other
	maxAsk     = 16              // bytes of a question
	maxAnswer  = 1 << 20
	maxPath    = 100 // bytes; a socket's address has room for 107 on Linux, 103 elsewhere
)

// The questions.
const (
	askShow   = "show"
	askStatus = "status"
)

// ErrNobody says that no running program answers in a data folder.
var ErrNobody = errors.New("no running program answers")

// Serve is what a program answers with. Both may be called at any time, one
// after the other, and must not take longer than a second.
type Serve struct {
	Show   func() bool // brings the window to the front; false where there is none
	Status func() any  // encodes as JSON
}

// Server answers until it is closed.
type Server struct {
	listener net.Listener
	serve    Serve
	loops    sync.WaitGroup
}

// Listen answers in a data folder, which the caller has locked: a socket that is
// there is one that a crash left. A folder whose path is too long for a socket
// gets none, and that is an error that the program can live with.
func Listen(dir string, serve Serve) (*Server, error) {
	path, err := address(dir)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("make way for the socket: %w", err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("answer other copies of the program: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // the folder's 0700 has held until here
		return nil, errors.Join(fmt.Errorf("close the socket to others: %w", err), l.Close())
	}
	s := &Server{listener: l, serve: serve}
	s.loops.Go(s.accept)
	return s, nil
}

func address(dir string) (string, error) {
	path := filepath.Join(dir, socketName)
	if len(path) > maxPath {
		return "", fmt.Errorf("the data folder's path is too long for a socket: %d bytes, at most %d", len(path), maxPath)
	}
	return path, nil
}

// Close ends the answering and removes the socket.
func (s *Server) Close() error {
	err := s.listener.Close()
	s.loops.Wait()
	return err
}

// accept answers one after the other: who asks is the same person, and an
// answer takes little time.
func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(patience / 20) // no descriptor left, say
			continue
		}
		_ = s.answer(conn) // nobody is left to be told
	}
}

func (s *Server) answer(conn net.Conn) (err error) {
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	ask := make([]byte, maxAsk)
	n, err := conn.Read(ask)
	if err != nil {
		return err
	}
	var answer any
	switch string(ask[:n]) {
	case askShow + "\n":
		answer = s.serve.Show()
	case askStatus + "\n":
		answer = s.serve.Status()
	default:
		return nil
	}
	return json.NewEncoder(conn).Encode(answer)
}

// Show asks the program that has the data folder to bring its window to the
// front, and reports whether it has one.
func Show(ctx context.Context, dir string) (shown bool, err error) {
	err = ask(ctx, dir, askShow, &shown)
	return shown, err
}

// Status asks the program that has the data folder how the station is.
func Status(ctx context.Context, dir string, status any) error {
	return ask(ctx, dir, askStatus, status)
}

// ask is ErrNobody when nobody answers.
func ask(ctx context.Context, dir, question string, answer any) (err error) {
	path, err := address(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := io.WriteString(conn, question+"\n"); err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	if err := json.NewDecoder(io.LimitReader(conn, maxAnswer)).Decode(answer); err != nil {
		return fmt.Errorf("%w: %w", ErrNobody, err)
	}
	return nil
}
