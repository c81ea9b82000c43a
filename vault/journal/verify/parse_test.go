package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

func TestEntryIsCanonicalJSON(t *testing.T) {
	for n := int64(1); n < 9; n++ {
		e := sample(n, tlog.Hash{byte(n)})
		b := e.Append(nil)
		got, err := ParseEntry(b)
		if err != nil || got != e {
			t.Fatalf("%s: %+v, %v", b, got, err)
		}
		// encoding/json sorts a map's keys as RFC 8785 does for ASCII ones.
		var m map[string]any
		d := json.NewDecoder(bytes.NewReader(b))
		d.UseNumber()
		if err := d.Decode(&m); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
		if want := strings.TrimSpace(out.String()); want != string(b) {
			t.Errorf("wrote %s\nwant  %s", b, want)
		}
	}
}

func TestParseEntryRefuses(t *testing.T) {
	good := string(sample(4, tlog.Hash{4}).Append(nil))
	if _, err := ParseEntry([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{`"version":1`, `"version":2`}, {`"version":1`, `"version":01`}, {`"version":1`, `"version":1.0`},
		{`"sequence":4`, `"sequence":0`}, {`"sequence":4`, `"sequence":-4`}, {`"sequence":4`, `"sequence":9007199254740992`},
		{`"sequence":4`, `"sequence":99999999999999999999`}, {`"intent":3`, `"intent":4`}, {`"intent":3`, `"intent":0`},
		{`"outcome":"done",`, ``}, {`"outcome":"done"`, `"outcome":""`}, {`"actor":"p-7f3a"`, `"actor":""`},
		{`"actor":"p-7f3a"`, `"actor":"Jean"`}, {`"actor":"p-7f3a"`, `"actor":"\u0070-7f3a"`},
		{`{"action"`, `{ "action"`}, {`"time":"2026-11-22`, `"time":"2026-02-30`}, {`.000Z`, `.000z`}, {`.000Z`, `Z`},
		{`18:00:04`, `24:00:04`}, {`18:00:04`, `18:60:04`}, {`18:00:04`, `18:00:60`}, {`"time":"2026`, `"time":"1969`},
		{`"boot":"0a0b`, `"boot":"0A0b`}, {`AAAA="`, `AAAB="`}, {`AAAA="`, `AAAA"`}, {`"log":"`, `"log":"https://`},
		{`"monotonic":4000`, `"monotonic":"4000"`}, {`"monotonic":4000`, `"monotonic":4e3`}, {`}`, `,"name":"x"}`}, {`}`, `} `},
		{`"action":"preview","actor":"p-7f3a"`, `"actor":"p-7f3a","action":"preview"`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Fatalf("%s is not in %s", c[0], good)
		}
		if _, err := ParseEntry([]byte(bad)); !errors.Is(err, ErrEntry) {
			t.Errorf("%s for %s: %v", c[1], c[0], err)
		}
	}
}

func TestPages(t *testing.T) {
	for _, good := range []string{"1", "9999", "1-2", "3-7", "9-10", "99-100", "1-9999"} {
		e := sample(3, tlog.Hash{3})
		e.Pages = good
		if got, err := ParseEntry(e.Append(nil)); err != nil || got.Pages != good {
			t.Errorf("%s: %q, %v", good, got.Pages, err)
		}
		if err := CheckPages(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", "0", "01", "10000", "1-10000", "3-3", "7-3", "10-9", "-3", "3-", "3--7", "3-7-9", "3,7", "3 ", " 3", "3–7", "all", "1-02"} {
		if err := CheckPages(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
		text := bytes.Replace(sample(3, tlog.Hash{3}).Append(nil), []byte(`"pages":"3-7"`), []byte(`"pages":"`+bad+`"`), 1)
		if _, err := ParseEntry(text); !errors.Is(err, ErrEntry) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseKeys(t *testing.T) {
	m := newMaker(t)
	s, w := m.station.Vkey(), m.witness.Vkey()
	for _, bad := range []string{"", s + "\n", s + "\n" + w, w + "\n" + s + "\n", s + "\n" + w + "\n\n",
		s + "\r\n" + w + "\r\n", s + "\n" + s + "\n", strings.Repeat("x", 2000)} {
		if _, err := ParseKeys([]byte(bad)); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzParseEntry(f *testing.F) {
	for n := int64(1); n < 5; n++ {
		f.Add(sample(n, tlog.Hash{byte(n)}).Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ParseEntry(b)
		if err == nil && !bytes.Equal(e.Append(nil), b) {
			t.Errorf("read %s, wrote %s", b, e.Append(nil))
		}
		var f fields
		if ferr := f.parse(b); err == nil && (ferr != nil || f.kind() != e.Kind()) {
			t.Errorf("two readings of %s", b)
		}
	})
}

// fixedMaker has the same keys in every process of the fuzzer, which makes a
// signature a time.
func fixedMaker(f *testing.F, log string) *maker {
	f.Helper()
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), bytes.Repeat([]byte{7}, 32))
	if err != nil {
		f.Fatal(err)
	}
	return makerOf(f, log, key, ed25519.NewKeyFromSeed(make([]byte, 32)))
}

func FuzzExport(f *testing.F) {
	m := fixedMaker(f, origin)
	f.Add(m.export(f, 3))
	f.Add(m.export(f, 0))
	f.Add(m.piece(f, lines(5), 2, 4, 5))
	f.Add([]byte(`{"checkpoint":"` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := Export(bytes.NewReader(b), m.keys, Options{AllowUnsealed: true})
		if err != nil {
			return
		}
		if sealed := lines(5)[min(r.After, 5):min(r.Sealed, 5)]; r.Sealed > 5 || !bytes.Contains(b, join(sealed)) {
			t.Errorf("accepted %q", b)
		}
	})
}

// FuzzExports splits its input at empty lines into exports of a log and its successor.
func FuzzExports(f *testing.F) {
	a, b := fixedMaker(f, origin), fixedMaker(f, origin+"-2")
	as := lines(6)
	bs := linesOf(origin+"-2", 4, leaf(as))
	story := [][]byte{a.piece(f, as, 0, 2, 3), a.piece(f, as, 3, 5, 6), b.piece(f, bs, 0, 1, 3), b.piece(f, bs, 3, 4, 4)}
	for i := range story {
		for j := i + 1; j <= len(story); j++ {
			f.Add(bytes.Join(story[i:j], []byte("\n")))
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		exports := bytes.SplitAfter(in, []byte("\n\n"))
		for i, export := range exports[:len(exports)-1] {
			exports[i] = export[:len(export)-1]
		}
		r, err := readAll([]Keys{a.keys, b.keys}, Options{}, exports...)
		if err != nil || !r.OK {
			return
		}
		for _, e := range r.Exports {
			all := map[string][][]byte{origin: as, origin + "-2": bs}[e.Log]
			if e.After+e.Entries > int64(len(all)) {
				t.Fatalf("accepted an entry of nobody: %+v", e)
			}
			for i, entry := range all[e.After : e.After+e.Entries] {
				if !bytes.Contains(in, entry) {
					t.Errorf("accepted another entry %d: %+v", e.After+int64(i)+1, e)
				}
			}
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	m := newMaker(f)
	f.Add([]byte(m.station.Vkey() + "\n" + m.witness.Vkey() + "\n"))
	f.Add([]byte(m.station.Vkey() + "\n" + m.witness.Vkey() + "\n" + newMaker(f).witness.Vkey() + "\n"))
	f.Add([]byte("a+00000000+Ag==\nb+00000000+BA==\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKeys(b)
		if err == nil && (k.Station == nil || len(k.Witnesses) == 0 || len(k.Witnesses) != bytes.Count(b, []byte("\n"))-1) {
			t.Error("a key is missing")
		}
	})
}
