package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
)

func TestEnrol(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "enrol", "--token-file", tokenFile(t, "TOKEN-1\n"), "--config", "a.toml")
	r.wantExit(t, 0, "enrol", "--again", "--token-file", tokenFile(t, "TOKEN-2\n"), "--config", "a.toml")
	if len(r.enrolled) != 2 || r.enrolled[0] != "TOKEN-1 false" || r.enrolled[1] != "TOKEN-2 true" || r.config != "a.toml" {
		t.Errorf("enrolled with %q, settings %q", r.enrolled, r.config)
	}
	if !strings.Contains(r.out.String(), "press-1") {
		t.Errorf("it said %q", r.out.String())
	}
}

func TestEnrolFails(t *testing.T) {
	r := newRun(t, "de", "")
	r.fault = &station.Fault{Code: station.CentralDown, Err: client.ErrUnreachable}
	r.wantExit(t, 1, "enrol", "--token-file", tokenFile(t, "TOKEN-1"))
	r.wantSaid(t, r.Texts.Say("fault.central_down.what"), r.Texts.Say("fault.central_down.do"))
	if r.out.Len() != 0 {
		t.Errorf("it said %q", r.out.String())
	}
}

func TestBadTokenFiles(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "token")
	for _, c := range []struct{ path, says string }{
		{"", "--token-file"},
		{missing, missing},
		{tokenFile(t, ""), "holds no token"},
		{tokenFile(t, " \n"), "holds no token"},
		{tokenFile(t, strings.Repeat("x", maxOnce+1)), "holds no token"},
	} {
		r := newRun(t, "en", "")
		args := []string{"enrol"}
		if c.path != "" {
			args = append(args, "--token-file", c.path)
		}
		r.wantExit(t, 1, args...)
		r.wantSaid(t, c.says)
		if len(r.enrolled) != 0 {
			t.Errorf("%s: enrolled with %q", c.says, r.enrolled)
		}
	}
}

func TestPINs(t *testing.T) {
	long := strings.Repeat("1", maxPIN)
	for _, c := range []struct{ text, want, says string }{
		{pin, pin, ""},
		{pin + "\n", pin, ""},
		{pin + "\r\n", pin, ""},
		{pin + "\nwhat follows\n", pin, ""},
		{" 12 34 \n", " 12 34 ", ""},
		{long + "\n", long, ""},
		{"", "", "no PIN"},
		{"\n" + pin, "", "no PIN"},
		{long + "1\n", "", fmt.Sprint("at most ", maxPIN)},
		{strings.Repeat("1", 9999), "", fmt.Sprint("at most ", maxPIN)},
	} {
		r := newRun(t, "en", "")
		r.room.fail["unlock"] = errors.New("as far as here")
		r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", pipe(t, c.text))
		r.wantSaid(t, c.says)
		if r.room.pin != c.want {
			t.Errorf("%.20q: the PIN was %q, want %q", c.text, r.room.pin, c.want)
		}
		if c.says != "" && len(r.room.asked) != 0 {
			t.Errorf("%.20q: the room was asked %q", c.text, r.room.asked)
		}
		if strings.Contains(r.err.String(), "1111") {
			t.Errorf("it said the PIN: %q", r.err.String())
		}
	}
}

// TestPINFromAnOpenPipe: whoever hands the PIN over need not close the pipe.
func TestPINFromAnOpenPipe(t *testing.T) {
	read, write, err := os.Pipe()
	noError(t, err)
	defer func() { noError(t, write.Close()) }()
	_, err = io.WriteString(write, pin+"\n")
	noError(t, err)
	r := newRun(t, "en", "quit\n")
	r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", owned(t, read))
	if r.room.pin != pin {
		t.Errorf("the PIN was %q", r.room.pin)
	}
}

func TestNoSuchDescriptor(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", "987")
	r.wantSaid(t, "read the PIN")
}

// TestStandardDescriptors are never read, and above all never closed: the next
// file that is opened would get their number, and the instructions with it.
func TestStandardDescriptors(t *testing.T) {
	for _, fd := range []string{"0", "1", "2"} {
		r := newRun(t, "en", "quit\n")
		r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", fd)
		r.wantSaid(t, "from 3 on")
	}
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if _, err := f.Stat(); err != nil {
			t.Error(err)
		}
	}
}

// TestNoTerminal: a PIN is not taken from whatever standard input is.
func TestNoTerminal(t *testing.T) {
	file, err := os.Open(tokenFile(t, pin+"\n"))
	noError(t, err)
	defer func() { noError(t, file.Close()) }()
	for _, in := range []io.Reader{strings.NewReader(pin + "\n"), file} {
		r := newRun(t, "en", "")
		r.Stdin = in
		t.Setenv("PIN", pin)
		r.wantExit(t, 1, "pin", "set", "--person", "p1", "--code-file", tokenFile(t, "CODE"))
		r.wantExit(t, 1, "pin", "change", "--person", "p1")
		r.wantExit(t, 1, "work", "--person", "p1")
		r.wantSaid(t, "no terminal", "--pin-fd")
		if len(r.room.asked) != 0 {
			t.Errorf("asked %q", r.room.asked)
		}
	}
}

func TestProvision(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "provision", "--config", "a.toml")
	r.wantExit(t, 0, "provision", "--slots", "4")
	r.wantExit(t, 1, "provision", "--slots", "33")
	r.wantExit(t, 1, "provision", "--slots", "-1")
	if len(r.places) != 2 || r.places[0] != 32 || r.places[1] != 4 {
		t.Errorf("provisioned %v", r.places)
	}
	r.fault = &station.Fault{Code: station.TPMPermission}
	r.wantExit(t, 1, "provision")
	r.wantSaid(t, r.Texts.Say("fault.tpm_permission.what"))
}
