package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	origin    = "bjet24.example/room/station-1"
	successor = "bjet24.example/room/station-1/2"
)

// scribe writes a log the way a station does.
type scribe struct {
	t       *testing.T
	station *checkpoint.StationSigner
	witness *checkpoint.Cosigner
	last    tlog.Hash
	tree    checkpoint.Tree
}

func newScribe(t *testing.T, log string, last tlog.Hash) *scribe {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	station, err := checkpoint.NewStationSigner(log, key)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	witness, err := checkpoint.NewCosigner("central.example/witness", priv)
	if err != nil {
		t.Fatal(err)
	}
	return &scribe{t: t, station: station, witness: witness, last: last}
}

func (s *scribe) vkeys() []byte { return []byte(s.station.Vkey() + "\n" + s.witness.Vkey() + "\n") }

// write gives the lines of n more entries: intents where there is no outcome.
func (s *scribe) write(n int, outcome string) (export []byte) {
	for range n {
		b := verify.Entry{
			Action: "unlock", Actor: "p-7f3a", Boot: "0a0b0c0d-0000-4000-8000-000000000001", Log: s.station.Name(), Outcome: outcome,
			Previous: s.last, Sequence: s.tree.Size() + 1, Time: time.Date(2026, 11, 22, 18, 0, int(s.tree.Size()), 0, time.UTC),
		}.Append(nil)
		s.last = tlog.RecordHash(b)
		s.tree.Append(s.last)
		export = append(append(export, b...), '\n')
	}
	return export
}

// seal is the countersigned checkpoint of what was written.
func (s *scribe) seal() []byte {
	s.t.Helper()
	note, err := s.station.Checkpoint(s.tree.Size(), s.tree.Root())
	if err != nil {
		s.t.Fatal(err)
	}
	if note, err = s.witness.Cosign(note, time.Unix(1_763_838_000, 0)); err != nil {
		s.t.Fatal(err)
	}
	return note
}

// folder holds what an auditor gets: exports, their keys, checkpoints.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s := newScribe(t, origin, tlog.Hash{})
	export := s.write(3, "done")
	note := s.seal()
	good := slices.Concat(export, verify.SealLine(note))
	start := verify.StartLine(note, s.tree.Frontier())
	fourth := s.write(1, "")
	later := slices.Concat(start, fourth, verify.SealLine(s.seal()))
	next := slices.Concat(verify.StartLine(s.seal(), s.tree.Frontier()), verify.SealLine(s.seal()))
	after := newScribe(t, successor, s.last)
	of := slices.Concat(after.write(2, "done"), verify.SealLine(after.seal()))
	report := []byte("sequence,time\r\n")
	signed, err := verify.SignFile(verify.FileNote{
		Log: origin, Format: "csv", Made: time.Unix(1_763_838_000, 0), Whole: true,
		Size: int64(len(report)), SHA256: sha256.Sum256(report),
	}, s.station)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"report.csv":      report,
		"report.csv.note": signed,
		"journal.jsonl":   good,
		"journal.vkey":    s.vkeys(),
		"changed.jsonl":   bytes.Replace(good, []byte("18:00:01"), []byte("17:00:01"), 1),
		"cut.jsonl":       export,
		"half.jsonl":      export[:len(export)-20],
		"tail.jsonl":      slices.Concat(good, fourth),
		"later.jsonl":     later,
		"next.jsonl":      next,
		"successor.jsonl": of,
		"new.vkey":        after.vkeys(),
		"forged.vkey":     newScribe(t, origin, tlog.Hash{}).vkeys(),
		"note":            note,
		"new.note":        after.seal(),
		"long":            bytes.Repeat([]byte("x"), 10_000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestExitCodes(t *testing.T) {
	t.Chdir(folder(t))
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"--keys journal.vkey journal.jsonl", exitOK, "OK  " + origin + ": 3 entries"},
		{"journal.jsonl --keys journal.vkey", exitOK, "3 entries"},
		{"--keys journal.vkey --checkpoint note journal.jsonl", exitOK, "2025-11-22T19:00:00Z"},
		{"--keys journal.vkey -", exitOK, "3 entries"},
		{"--keys journal.vkey changed.jsonl", exitRefused, "line 3: entry 3:"},
		{"--keys journal.vkey cut.jsonl", exitUnsealed, "the last 3 entries, 1 to 3, are not countersigned"},
		{"--keys journal.vkey --allow-unsealed cut.jsonl", exitOK, "the last 3 entries, 1 to 3, are not countersigned"},
		{"--keys journal.vkey cut.jsonl", exitUnsealed, "nothing in it is countersigned"},
		{"--keys journal.vkey tail.jsonl", exitUnsealed, "the last entry, 4, is not countersigned"},
		{"--keys journal.vkey --json tail.jsonl", exitUnsealed, `{"ok":false,"unsealed":1,`},
		{"--keys journal.vkey --json --allow-unsealed tail.jsonl", exitOK, `{"ok":true,"unsealed":1,`},
		{"--keys journal.vkey half.jsonl", exitRefused, "the export ends inside a line"},
		{"--keys journal.vkey journal.jsonl later.jsonl", exitOK, "OK  later.jsonl: " + origin + ": 1 entries after entry 3"},
		{"--keys journal.vkey tail.jsonl next.jsonl", exitOK, "its last entries are countersigned in next.jsonl"},
		{"--keys journal.vkey later.jsonl journal.jsonl", exitRefused, "REFUSED  journal.jsonl: line 1:"},
		{"--keys journal.vkey --keys new.vkey tail.jsonl successor.jsonl", exitOK, "OK  successor.jsonl: " + successor + ": 2 entries"},
		{"--keys journal.vkey --keys new.vkey --checkpoint note --checkpoint new.note --json tail.jsonl successor.jsonl", exitOK, `"covered_by":"successor.jsonl"`},
		{"--keys journal.vkey tail.jsonl successor.jsonl", exitRefused, "name it with --keys as well"},
		{"--keys journal.vkey --keys journal.vkey journal.jsonl", exitOK, "3 entries"},
		{"--keys journal.vkey --keys forged.vkey journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey --checkpoint note --checkpoint note journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey - -", exitUsage, ""},
		{"--keys journal.vkey --allow-unsealed --note report.csv.note report.csv", exitUsage, ""},
		{"journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey", exitUsage, ""},
		{"--keys journal.vkey journal.jsonl cut.jsonl", exitRefused, "begins the log " + origin + " anew"},
		{"--keys note journal.jsonl", exitUsage, ""},
		{"--keys long journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey missing.jsonl", exitUsage, ""},
		{"--keys journal.vkey --checkpoint journal.vkey journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey --note report.csv.note report.csv", exitOK, "OK  " + origin + ": a report (csv) of 0 accesses"},
		{"--keys journal.vkey --note report.csv.note --json report.csv", exitOK, `"ok":true,"log":"` + origin},
		{"--keys journal.vkey --note report.csv.note journal.jsonl", exitRefused, "REFUSED"},
		{"--keys journal.vkey --note report.csv.note --json journal.jsonl", exitRefused, `"what":"refused: it has`},
		{"--keys journal.vkey --note note report.csv", exitRefused, "not a signed note of a report"},
		{"--keys journal.vkey --note report.csv.note -", exitRefused, "were signed"},
		{"--keys journal.vkey --note missing report.csv", exitUsage, ""},
		{"--keys journal.vkey --note report.csv.note missing.csv", exitUsage, ""},
		{"--keys journal.vkey --note report.csv.note --checkpoint note report.csv", exitUsage, ""},
		{"--nonsense", exitUsage, ""},
		{"--help", exitOK, "3  all that is countersigned is good, and entries follow"},
	} {
		stdin, err := os.Open("journal.jsonl")
		if err != nil {
			t.Fatal(err)
		}
		var out, errs bytes.Buffer
		if code := run(strings.Fields(c.args), stdin, &out, &errs); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: exit %d, %s%s", c.args, code, &out, &errs)
		}
		if err := stdin.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Chdir(folder(t))
	for name, want := range map[string]int64{"journal.jsonl": 3, "changed.jsonl": 2} {
		var out bytes.Buffer
		code := run([]string{"--keys", "journal.vkey", "--json", name}, nil, &out, &out)
		var r verify.Result
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", out.Bytes(), err)
		}
		if r.OK != (code == exitOK) || len(r.Exports) != 1 || r.Exports[0].Entries != want || (r.Fault == nil) != r.OK {
			t.Errorf("%s: exit %d, %s", name, code, &out)
		}
	}
}

// Who checks an export needs no knowledge of hashes to see what to do.
func TestEveryFaultHasAdvice(t *testing.T) {
	said := map[string]bool{}
	for _, kind := range []verify.FaultKind{
		verify.FaultForm, verify.FaultOrder, verify.FaultChain, verify.FaultLog, verify.FaultSeal,
		verify.FaultStart, verify.FaultCut, verify.FaultKeys, verify.FaultContinues, verify.FaultCheckpoint,
	} {
		means, do := advice(kind)
		if said[means] || do == "" {
			t.Errorf("%s: %q, %q", kind, means, do)
		}
		said[means] = true
	}
}

func TestAccessesThatMayHaveOccurred(t *testing.T) {
	t.Chdir(folder(t))
	s := newScribe(t, origin, tlog.Hash{})
	export := s.write(25, "")
	export = append(export, verify.SealLine(s.seal())...)
	for name, b := range map[string][]byte{"open.jsonl": export, "open.vkey": s.vkeys()} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	code := run([]string{"--keys", "open.vkey", "open.jsonl"}, nil, &out, &out)
	if want := "intents without a result, so the access possibly occurred: 25 (entries 1, 2, 3"; code != exitOK || !strings.Contains(out.String(), want) || !strings.Contains(out.String(), "20, …") {
		t.Errorf("exit %d, %s", code, &out)
	}
}
