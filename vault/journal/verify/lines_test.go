package verify

import (
	"bytes"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func FuzzLines(f *testing.F) {
	m := newMaker(f)
	note := m.seal(f, lines(5))
	for _, b := range [][]byte{
		SealLine(note), StartLine(note, []tlog.Hash{{1}, {2}}), StartLine(note, []tlog.Hash{{1}}), StartLine(nil, nil),
		[]byte(`{"frontier":["","start":""}`), []byte(`{"frontier":[],"start":""}`), []byte(`{"checkpoint":"\\n"}`),
	} {
		f.Add(bytes.TrimSuffix(b, []byte("\n")))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if note, err := unseal(b); err == nil && bytes.HasPrefix(b, []byte(sealStart)) && string(SealLine(note)) != string(b)+"\n" {
			t.Errorf("read %q, wrote %q", b, SealLine(note))
		}
		note, frontier, err := unstart(b)
		if err == nil && bytes.HasPrefix(b, []byte(startStart)) && string(StartLine(note, frontier)) != string(b)+"\n" {
			t.Errorf("read %q, wrote %q", b, StartLine(note, frontier))
		}
		if len(frontier) > maxFrontier {
			t.Errorf("%d hashes", len(frontier))
		}
	})
}
