package verify_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const fileLog = "bjet24.example/room/station-1"

func fileNote(report []byte) verify.FileNote {
	return verify.FileNote{
		Log: fileLog, Format: "csv", Made: time.Date(2026, 11, 22, 17, 30, 1, 234e6, time.UTC), Accesses: 7, Whole: true,
		Size: int64(len(report)), SHA256: sha256.Sum256(report),
	}
}

func fileKeys(t testing.TB) (*checkpoint.StationSigner, verify.Keys) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := checkpoint.NewStationSigner(fileLog, key)
	if err != nil {
		t.Fatal(err)
	}
	v, err := checkpoint.NewStationVerifier(s.Vkey())
	if err != nil {
		t.Fatal(err)
	}
	return s, verify.Keys{Station: v}
}

func TestFileText(t *testing.T) {
	want := `Bjet24 print room journal report, version 1
log bjet24.example/room/station-1
format csv
made 2026-11-22T17:30:01.234Z
accesses 7
journal whole
size 4
sha256 W+CMloSh0l787gkxggSCQniwi7+0rvlz/+/QuddHgxM=
`
	f := fileNote([]byte("a,b\n"))
	got := f.Text()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	back, err := verify.ParseFileText(got)
	if diff := cmp.Diff(f, back); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := checkpoint.ParseCheckpoint([]byte(got + "\n— a 00000000\n")); err == nil {
		t.Error("a file note passes for a checkpoint")
	}
}

func TestFileIsTheOneThatWasSigned(t *testing.T) {
	signer, keys := fileKeys(t)
	_, others := fileKeys(t)
	report := []byte("sequence,time\r\n1,2026\r\n")
	signed, err := verify.SignFile(fileNote(report), signer)
	if err != nil {
		t.Fatal(err)
	}
	got, err := verify.File(bytes.NewReader(report), signed, keys)
	if diff := cmp.Diff(fileNote(report), got); diff != "" || err != nil {
		t.Fatalf("%v\n%s", err, diff)
	}
	longer, other := append(bytes.Clone(report), '\n'), bytes.Clone(report)
	other[3] ^= 1
	for what, c := range map[string]struct {
		report, note []byte
		keys         verify.Keys
	}{
		"a longer file":    {longer, signed, keys},
		"a shorter file":   {report[:9], signed, keys},
		"another file":     {other, signed, keys},
		"another key":      {report, signed, others},
		"a changed note":   {report, bytes.Replace(signed, []byte("accesses 7"), []byte("accesses 8"), 1), keys},
		"no note":          {report, nil, keys},
		"two signatures":   {report, append(bytes.Clone(signed), signed[bytes.Index(signed, []byte("—")):]...), keys},
		"an overlong note": {report, bytes.Repeat([]byte("a"), 4096), keys},
	} {
		if _, err := verify.File(bytes.NewReader(c.report), c.note, c.keys); !errors.Is(err, verify.ErrRefused) {
			t.Errorf("%s: %v", what, err)
		}
	}
	bad := fileNote(report)
	bad.Log = "another.example/log"
	if _, err := verify.SignFile(bad, signer); !errors.Is(err, verify.ErrFileNote) {
		t.Errorf("signed for another log: %v", err)
	}
	bad.Log, bad.Format = fileLog, "a b"
	if _, err := verify.SignFile(bad, signer); !errors.Is(err, verify.ErrFileNote) {
		t.Errorf("signed what can't be read: %v", err)
	}
}

func FuzzFileText(f *testing.F) {
	good := fileNote([]byte("x")).Text()
	f.Add(good)
	f.Add(strings.Replace(good, "whole", "broken", 1))
	f.Add(strings.Replace(good, "size 1", "size 01", 1))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := verify.ParseFileText(text); err == nil && n.Text() != text {
			t.Errorf("%q reads as %+v", text, n)
		}
	})
}
