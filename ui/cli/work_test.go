package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

const code = postal.AttemptCode("0123456789ABC")

// work gives instructions and returns the answers; the first, to the unlock,
// and the one to the final quit are checked here.
func (r *run) work(t *testing.T, lines ...string) (answers []map[string]any) {
	t.Helper()
	r.Stdin = strings.NewReader(strings.Join(append(lines, "quit"), "\n") + "\nclaim\n")
	r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
	for d := json.NewDecoder(&r.out); ; {
		var a map[string]any
		err := d.Decode(&a)
		if errors.Is(err, io.EOF) {
			break
		}
		noError(t, err)
		answers = append(answers, a)
	}
	if n := len(answers); n < 2 || !cmp.Equal(answers[0], map[string]any{"ok": true, "unlocked": "p1"}) || !cmp.Equal(answers[n-1], map[string]any{"ok": true}) {
		t.Fatalf("answers %v", answers)
	}
	if first, last := r.room.asked[0], r.room.asked[len(r.room.asked)-1]; first != "unlock p1" || last != "close" {
		t.Errorf("the room was asked %q, want unlock first and close last", r.room.asked)
	}
	r.room.asked = r.room.asked[1 : len(r.room.asked)-1]
	return answers[1 : len(answers)-1]
}

func (r *run) wantAnswer(t *testing.T, line string, want map[string]any, asked ...string) {
	t.Helper()
	r.room.asked = nil
	answers := r.work(t, line)
	if d := cmp.Diff([]map[string]any{want}, answers); d != "" {
		t.Errorf("%s (-want +got): %s", line, d)
	}
	if d := cmp.Diff(append([]string{}, asked...), append([]string{}, r.room.asked...)); d != "" {
		t.Errorf("%s: the room was asked (-want +got): %s", line, d)
	}
}

func TestInstructions(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	r.room.snapshot = station.Snapshot{Central: station.LampOK, TPM: station.LampBad, Journal: station.LampOK, Printer: station.LampOff, Jobs: []station.Job{
		{ID: "1", State: store.Ready, Product: postal.Standard},
		{ID: "2", State: store.Held, Hold: station.Address, Attempt: code, Product: postal.Registered, Number: 2, Batch: "b1", Order: wire.OrderKind("cancel"),
			Findings: []preflight.Code{preflight.Blank}},
	}, Printers: []station.Printer{{ID: "p1", Name: "HP-A", Chosen: true, Lamp: station.LampOK}}, Waiting: 3}
	r.wantAnswer(t, "claim", map[string]any{"ok": true, "ready": 1.0}, "claim")
	r.wantAnswer(t, "  print  ", map[string]any{"ok": true}, "print 1")
	r.wantAnswer(t, "push", map[string]any{"ok": true}, "push")
	r.wantAnswer(t, "status", map[string]any{"ok": true, "central": "ok", "tpm": "bad", "journal": "ok", "printer": "off", "waiting": 3.0, "no_decryption": "",
		"printers": []any{map[string]any{"printer": "p1", "name": "HP-A", "chosen": true, "lamp": "ok"}},
		"jobs": []any{
			map[string]any{"job": "1", "state": "READY", "product": "standard", "attempt": "", "number": 0.0, "hold": "", "batch": "", "order": "",
				"findings": []any{}, "scanned": false},
			map[string]any{"job": "2", "state": "HELD", "product": "registered", "attempt": string(code), "number": 2.0, "hold": "address", "batch": "b1",
				"order": "cancel", "findings": []any{"blank"}, "scanned": false},
		}})
	r.wantAnswer(t, "printer p2", map[string]any{"ok": true}, "printer p2")
	r.room.deposits = []station.DepositView{{Number: "D1", Closed: time.Unix(0, 0), Pieces: 3, Registered: 2, Receipts: 1, Proven: 1, Acknowledged: true}}
	r.wantAnswer(t, "deposits", map[string]any{"ok": true, "deposits": []any{map[string]any{
		"deposit": "D1", "closed_at": "1970-01-01T00:00:00Z", "pieces": 3.0, "registered": 2.0, "receipts": 1.0, "proven": 1.0, "pending": true, "acknowledged": true,
	}}}, "deposits")
	r.room.scanned = station.Job{ID: "1", State: store.Confirmed}
	scan := map[string]any{"ok": true, "job": "1", "state": "CONFIRMED"}
	for _, text := range []string{"B24:0123456789ABC:1/2", "0123-4567-89AB-C", "0123 4567 89AB C"} {
		r.wantAnswer(t, text, scan, "scan "+text)
	}

	r.room.deposit = station.Deposit{Number: "D1", Attempts: []postal.AttemptCode{code}, Slip: []byte("%PDF")}
	slip := filepath.Join(dir, "D1.pdf")
	r.wantAnswer(t, "deposit "+dir, map[string]any{"ok": true, "deposit": "D1", "pieces": 1.0, "slip": slip}, "deposit")
	text, err := os.ReadFile(slip)
	noError(t, err)
	if info, err := os.Stat(slip); err != nil || info.Mode().Perm() != 0o600 || string(text) != "%PDF" {
		t.Errorf("the slip: %q, %v, %v", text, info.Mode(), err)
	}

	picture := filepath.Join(dir, "a receipt.png")
	noError(t, os.WriteFile(picture, []byte("PNG"), 0o600))
	r.room.receipt = station.Receipt{ID: "r", Missing: []postal.AttemptCode{code}, Codes: []station.ReceiptCode{
		{Finding: station.FindingMatched}, {Finding: station.FindingSlip}, {Finding: station.FindingMatched},
	}}
	r.wantAnswer(t, "receipt D1 "+picture, map[string]any{"ok": true, "receipt": "r", "matched": 2.0, "missing": []any{string(code)}}, "receipt D1 PNG")
}

func TestNothingToPrint(t *testing.T) {
	r := newRun(t, "en", "")
	r.room.snapshot.Jobs = []station.Job{{ID: "1", State: store.Uncertain}}
	r.wantAnswer(t, "print", map[string]any{"ok": true})
}

// TestFaults: what went wrong is a code and a cause, and the work goes on.
func TestFaults(t *testing.T) {
	r := newRun(t, "en", "")
	r.room.snapshot.Jobs = []station.Job{{ID: "1", State: store.Ready}}
	down := &station.Fault{Code: station.CentralDown, Err: client.ErrUnreachable}
	for _, what := range []string{"claim", "print", "push", "deposit", "scan"} {
		r.room.fail[what] = fmt.Errorf("%s: %w", what, down)
	}
	answers := r.work(t, "claim", "print", "push", "deposit "+t.TempDir(), string(code), "status")
	for i, what := range []string{"claim", "print", "push", "deposit", "scan"} {
		a := answers[i]
		if a["ok"] != false || a["fault"] != "central_down" || a["cause"] != r.room.fail[what].Error() {
			t.Errorf("%s: %v", what, a)
		}
	}
	if len(answers) != 6 || answers[5]["ok"] != true {
		t.Errorf("answers %v, want the status at the end", answers)
	}
}

// TestMistyped: a word that is no instruction is taken for a code; the answer
// says that it is neither.
func TestMistyped(t *testing.T) {
	r := newRun(t, "en", "")
	r.room.fail["scan"] = &station.Fault{Code: station.CodeUnknown, Err: postal.ErrAttemptCode}
	lines := []string{"clam", "Print", "print all", "claim 5", "quit now", "status?", `{"do":"claim"}`}
	for i, a := range r.work(t, lines...) {
		cause := fmt.Sprint(a["cause"])
		if a["ok"] != false || a["fault"] != "code_unknown" || !strings.Contains(cause, fmt.Sprintf("%q is no instruction", lines[i])) {
			t.Errorf("%s: %v", lines[i], a)
		}
		if _, job := a["job"]; job {
			t.Errorf("%s: %v names a job", lines[i], a)
		}
		if want := "scan " + lines[i]; r.room.asked[i] != want {
			t.Errorf("the room was asked %q, want %q", r.room.asked[i], want)
		}
	}
}

// TestDepositNeedsAPlace: a deposit can't be opened again, so nothing is closed
// before there is a place for its slip.
func TestDepositNeedsAPlace(t *testing.T) {
	r := newRun(t, "en", "")
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "none"), tokenFile(t, "a file")} {
		for _, a := range r.work(t, "deposit "+dir) {
			if a["ok"] != false || !strings.Contains(fmt.Sprint(a["cause"]), "deposit DIRECTORY") || len(r.room.asked) != 0 {
				t.Errorf("%q: %v, the room was asked %q", dir, a, r.room.asked)
			}
		}
		r.room.asked = nil
	}
}

func TestReceiptsThatCannotBeRead(t *testing.T) {
	r, dir := newRun(t, "en", ""), t.TempDir()
	large := filepath.Join(dir, "large")
	noError(t, os.WriteFile(large, nil, 0o600))
	noError(t, os.Truncate(large, receipt.MaxBytes+1))
	lines := []string{"receipt", "receipt D1", "receipt D1 " + filepath.Join(dir, "none"), "receipt D1 " + dir, "receipt D1 " + large}
	for i, a := range r.work(t, lines...) {
		if a["ok"] != false || a["cause"] == "" {
			t.Errorf("%s: %v", lines[i], a)
		}
	}
	if len(r.room.asked) != 0 {
		t.Errorf("the room was asked %q", r.room.asked)
	}
}

func TestEndOfInput(t *testing.T) {
	for _, input := range []string{"", "\n \n", "claim", "claim\n"} {
		r := newRun(t, "en", input)
		r.wantExit(t, 0, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
		if n := strings.Count(r.out.String(), "\n"); n != 1+strings.Count(input, "claim") {
			t.Errorf("%q: answers %q", input, r.out.String())
		}
		if last := r.room.asked[len(r.room.asked)-1]; last != "close" {
			t.Errorf("%q: the room was asked %q", input, r.room.asked)
		}
	}
	r := newRun(t, "en", strings.Repeat("x", 1<<17))
	r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
	r.wantSaid(t, "too long")
}

func TestWrongPIN(t *testing.T) {
	r := newRun(t, "fr", "claim\n")
	r.room.fail["unlock"] = &station.Fault{Code: station.WrongPIN}
	r.wantExit(t, 1, "work", "--person", "p1", "--pin-fd", pipe(t, pin))
	r.wantSaid(t, r.Texts.Say("fault.wrong_pin.what"))
	if d := cmp.Diff([]string{"unlock p1", "close"}, r.room.asked); d != "" || r.out.Len() != 0 {
		t.Errorf("%s; it answered %q", d, r.out.String())
	}
}

// TestInterrupted: the program ends when it is told to, although nobody types.
func TestInterrupted(t *testing.T) {
	r := newRun(t, "en", "")
	silent, typist := io.Pipe()
	defer func() { noError(t, typist.Close()) }()
	r.Stdin = silent
	answers, mouth := io.Pipe()
	r.Stdout = mouth
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	fd := pipe(t, pin)
	go func() { ended <- r.Run(ctx, []string{"work", "--person", "p1", "--pin-fd", fd}) }()
	var unlocked map[string]any
	noError(t, json.NewDecoder(answers).Decode(&unlocked))
	stop()
	select {
	case n := <-ended:
		if n != 1 || r.room.asked[len(r.room.asked)-1] != "close" {
			t.Errorf("it ended with %d after %q", n, r.room.asked)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for somebody to type")
	}
}
