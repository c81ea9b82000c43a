// Package second_test runs both implementations of the verifier, the program and
// the one that follows the format's description in another language, on the same
// exports. They must come to the same exit code.
package second_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"espero-soft.com/printroom/vault/journal/verify"
)

// python is that of the Debian package, which python3-cryptography goes with.
const python = "/usr/bin/python3"

// driver runs verify_journal.py again and again without starting Python anew.
const driver = `
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
import verify_journal
for line in sys.stdin:
    sys.argv = ["verify_journal.py", *json.loads(line)]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            code = verify_journal.main()
        except SystemExit as end:
            code = end.code
        except BaseException as fault:
            code = 99
            print(repr(fault))
    print(json.dumps({"code": code, "said": said.getvalue()}), flush=True)
`

// program is the environment's name for the first one's file, which TestMain builds.
const program = "VERIFIER"

func TestMain(m *testing.M) { os.Exit(withProgram(m)) }

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "verifier")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	path := filepath.Join(dir, "printroom-verify")
	if out, err := exec.Command("go", "build", "-o", path, "../printroom-verify").CombinedOutput(); err != nil {
		log.Printf("%v\n%s", err, out)
		return 1
	}
	if err := os.Setenv(program, path); err != nil {
		log.Print(err)
		return 1
	}
	return m.Run()
}

// pair is both implementations, in a folder of their own.
type pair struct {
	program string
	in      io.Writer
	out     *bufio.Scanner
}

func newPair(t testing.TB) *pair {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	p := pair{program: os.Getenv(program)}
	t.Chdir(t.TempDir())
	cmd := exec.Command(python, "-c", driver, here)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: packaging/system-packages.sh installs it", err)
	}
	t.Cleanup(func() {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			t.Error(err)
		}
	})
	p.in, p.out = in, bufio.NewScanner(out)
	p.out.Buffer(nil, 1<<20)
	return &p
}

// finding is what both said.
type finding struct {
	code    int    // of both
	program string // the first one's JSON report
	second  string
}

// failer is what a test and a property's check have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// check runs both with the same arguments, and demands the same exit code and,
// where they take the exports, the same counts.
func (p *pair) check(t failer, args ...string) finding {
	t.Helper()
	var f finding
	var out, errs bytes.Buffer
	cmd := exec.Command(p.program, append([]string{"--json"}, args...)...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); errors.As(err, &exit) {
		f.code = exit.ExitCode()
	} else if err != nil {
		t.Fatalf("%v", err)
	}
	f.program = out.String() + errs.String()
	if err := json.NewEncoder(p.in).Encode(args); err != nil {
		t.Fatalf("%v", err)
	}
	var answer struct {
		Code int
		Said string
	}
	if !p.out.Scan() {
		t.Fatalf("the second implementation ended: %v", p.out.Err())
	}
	if err := json.Unmarshal(p.out.Bytes(), &answer); err != nil {
		t.Fatalf("%v", err)
	}
	f.second = answer.Said
	if f.code != answer.Code {
		t.Fatalf("%q: exit %d and %d\n%.2000s\n%.2000s", args, f.code, answer.Code, f.program, f.second)
	}
	if f.code == 0 || f.code == 3 {
		f.compare(t)
	}
	return f
}

// compare holds the counts of both against each other.
func (f finding) compare(t failer) {
	t.Helper()
	var r verify.Result
	if err := json.Unmarshal([]byte(f.program), &r); err != nil {
		t.Fatalf("%s: %v", f.program, err)
	}
	want := []int64{0, r.Unsealed, 0, 0}
	for i, e := range r.Exports {
		if i == len(r.Exports)-1 || r.Exports[i+1].Log != e.Log {
			want[0] += e.After + e.Entries
			want[2] += e.NoResult.Count
			want[3] += e.NoIntent.Count
		}
	}
	var got []int64
	for _, text := range regexp.MustCompile(`\d+`).FindAllString(f.second, -1) {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatalf("%s", f.second)
		}
		got = append(got, n)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("%v and %v\n%s\n%s", want, got, f.program, f.second)
	}
}

// put writes files into the test's folder.
func put(t testing.TB, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
