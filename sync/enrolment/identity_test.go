package enrolment

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// loaded writes an identity file with a text and loads it.
func loaded(t *testing.T, text []byte) (Identity, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, identityName), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(dir)
}

// text is an identity as it is written, with a change.
func text(t testing.TB, id Identity, change func(fields map[string]any)) []byte {
	t.Helper()
	data, err := json.Marshal(id)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]any{}
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	change(fields)
	if data, err = json.Marshal(fields); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSaveAndLoad(t *testing.T) {
	id, dir := sample(t), t.TempDir()
	path := filepath.Join(dir, identityName)
	// What somebody left there for all to read does not stay so.
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := id.Save(dir); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if all, err := os.ReadDir(dir); err != nil || len(all) != 1 {
		t.Errorf("%d files are left, %v; want the identity alone", len(all), err)
	}
	have, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(id, have); d != "" {
		t.Error(d)
	}
}

func TestNothingToSaveIn(t *testing.T) {
	if err := sample(t).Save(filepath.Join(t.TempDir(), "no such folder")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestNotEnrolled(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "no such folder")} {
		if _, err := Load(d); !errors.Is(err, ErrNotEnrolled) {
			t.Errorf("%s: %v, want ErrNotEnrolled", d, err)
		}
	}
	// Something that can't be read is not nothing: enrolling would write over it.
	if err := os.Mkdir(filepath.Join(dir, identityName), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || errors.Is(err, ErrNotEnrolled) {
		t.Errorf("a folder in its place: %v", err)
	}
}

func TestRefusedIdentities(t *testing.T) {
	id := sample(t)
	whole := text(t, id, func(map[string]any) {})
	if have, err := loaded(t, whole); err != nil || !cmp.Equal(id, have) {
		t.Fatalf("the good one: %v", err)
	}
	set := func(name string, value any) []byte {
		return text(t, id, func(fields map[string]any) { fields[name] = value })
	}
	cases := map[string]struct {
		text []byte
		says string
	}{
		"later version":                {text(t, id, func(f map[string]any) { f["version"], f["new"] = 3, "field" }), "version 3"},
		"earlier version":              {text(t, id, func(f map[string]any) { f["version"], f["store_key"] = 1, "x" }), "version 1"},
		"a salt too short":             {set("pin_salt", "AAAA"), "pin_salt"},
		"half a hash":                  {set("last", "AAAA"), "last"},
		"a trust that says nothing":    {set("trust", map[string]any{"trust": "{}", "signatures": []any{}}), "trust"},
		"a predecessor elsewhere":      {set("predecessors", []any{map[string]any{"log": "x", "dir": "../other", "key": "AAAA", "witness": "w", "size": 0}}), "predecessor"},
		"a predecessor without a key":  {set("predecessors", []any{map[string]any{"log": "x", "dir": "journal-1", "witness": "w", "size": 0}}), "predecessor"},
		"a predecessor without a name": {set("predecessors", []any{map[string]any{"size": 0}}), "predecessor"},
		"set aside elsewhere":          {set("set_aside", "journal-1/../../x"), "set_aside"},
		"no version":                   {text(t, id, func(f map[string]any) { delete(f, "version") }), "version 0"},
		"unknown field":                {set("passphrase", "x"), "passphrase"},
		"empty":                        {nil, "unexpected end"},
		"not an object":                {[]byte(`[1]`), "array"},
		"more follows":                 {append(bytes.Clone(whole), whole...), "after top-level value"},
		"too large":                    {append(bytes.Clone(whole), bytes.Repeat([]byte(" "), identityMax)...), "more than"},
		"keys of another kind": {text(t, id, func(f map[string]any) {
			keys := f["keys"].(map[string]any)
			keys["doc"], keys["log"] = keys["log"], keys["doc"]
		}), "key"},
	}
	for _, name := range []string{"station", "log", "certificates", "pin_salt", "trust"} {
		cases["no "+name] = struct {
			text []byte
			says string
		}{text(t, id, func(f map[string]any) { delete(f, name) }), name}
	}
	cases["an empty certificate"] = struct {
		text []byte
		says string
	}{set("certificates", []string{""}), "certificates"}
	for name, c := range cases {
		have, err := loaded(t, c.text)
		if err == nil || errors.Is(err, ErrNotEnrolled) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), identityName) {
			t.Errorf("%s: %v, want an error about the file that says %q", name, err, c.says)
		}
		if !cmp.Equal(Identity{}, have) {
			t.Errorf("%s: something came back with the error", name)
		}
	}
}

// TestTruncated cuts the file at every byte.
func TestTruncated(t *testing.T) {
	whole := text(t, sample(t), func(map[string]any) {})
	for n := range whole {
		if _, err := parse(whole[:n]); err == nil {
			t.Fatalf("%d of %d bytes are taken for an identity", n, len(whole))
		}
	}
}

func FuzzLoad(f *testing.F) {
	id := sample(f)
	whole := text(f, id, func(map[string]any) {})
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add(text(f, id, func(fields map[string]any) { fields["version"] = 3 }))
	f.Add(text(f, id, func(fields map[string]any) { fields["keys"] = map[string]any{} }))
	f.Add([]byte(`{"version":2}`))
	f.Add([]byte(`{"version":2e400}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, data []byte) {
		id, err := parse(data)
		if err != nil {
			if !cmp.Equal(Identity{}, id) {
				t.Fatal("something came back with the error")
			}
			return
		}
		if err := id.check(); err != nil || id.Version != identityVersion {
			t.Fatalf("version %d was taken: %v", id.Version, err)
		}
		again, err := parse(text(t, id, func(map[string]any) {}))
		if err != nil || !cmp.Equal(id, again) {
			t.Fatalf("what was taken does not come back: %v", err)
		}
	})
}
