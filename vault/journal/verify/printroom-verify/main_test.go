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
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const origin = "bjet24.example/room/station-1"

// folder holds what an auditor gets: an export, its keys, a checkpoint.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	station, err := checkpoint.NewStationSigner(origin, key)
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
	var tree checkpoint.Tree
	var export []byte
	var previous tlog.Hash
	var note []byte
	for n := range int64(3) {
		b := verify.Entry{
			Action: "unlock", Actor: "p-7f3a", Boot: "0a0b0c0d-0000-4000-8000-000000000001", Log: origin,
			Outcome: "done", Previous: previous, Sequence: n + 1, Time: time.Date(2026, 11, 22, 18, 0, int(n), 0, time.UTC),
		}.Append(nil)
		previous = tlog.RecordHash(b)
		tree.Append(previous)
		export = append(append(export, b...), '\n')
		if note, err = station.Checkpoint(tree.Size(), tree.Root()); err != nil {
			t.Fatal(err)
		}
		if note, err = witness.Cosign(note, time.Unix(1_763_838_000, 0)); err != nil {
			t.Fatal(err)
		}
	}
	good := append(export, verify.SealLine(note)...)
	report := []byte("sequence,time\r\n")
	signed, err := verify.SignFile(verify.FileNote{
		Log: origin, Format: "csv", Made: time.Unix(1_763_838_000, 0), Whole: true,
		Size: int64(len(report)), SHA256: sha256.Sum256(report),
	}, station)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{
		"report.csv":      report,
		"report.csv.note": signed,
		"journal.jsonl":   good,
		"journal.vkey":    []byte(station.Vkey() + "\n" + witness.Vkey() + "\n"),
		"changed.jsonl":   bytes.Replace(good, []byte("18:00:01"), []byte("17:00:01"), 1),
		"cut.jsonl":       export,
		"note":            note,
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
		{"--keys journal.vkey cut.jsonl", exitRefused, "line 4: the export ends without a checkpoint"},
		{"journal.jsonl", exitUsage, ""},
		{"--keys journal.vkey", exitUsage, ""},
		{"--keys journal.vkey journal.jsonl cut.jsonl", exitUsage, ""},
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
		{"--help", exitOK, ""},
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
		var r verify.Report
		if err := json.Unmarshal(out.Bytes(), &r); err != nil {
			t.Fatalf("%s: %v", out.Bytes(), err)
		}
		if r.OK != (code == exitOK) || r.Entries != want || (r.Fault == nil) != r.OK {
			t.Errorf("%s: exit %d, %s", name, code, &out)
		}
	}
}
