package central

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// TestTrustRises: each change has a higher revision, a new start has the same, and a key directory that was
// restored from a copy does not fall back.
func TestTrustRises(t *testing.T) {
	ctx := context.Background()
	at := &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	config := Config{Dir: t.TempDir(), Now: at.Now}
	open := func() *Central {
		c, err := New(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Close(); err != nil { // the keys need no database
			t.Fatal(err)
		}
		return c
	}
	revision := func(c *Central) int64 {
		trust, err := c.Trust().Open(c.Authorities()[:1])
		if err != nil {
			t.Fatal(err)
		}
		return trust.Revision
	}
	c := open()
	last := revision(c)
	copied := snapshot(t, filepath.Join(config.Dir, "keys"))
	for i, step := range []func() error{
		func() error { _, err := c.NextAuthority(); return err },
		func() error { _, err := c.NextWitness(); return err },
		func() error { return c.UseNextAuthority() },
		func() error { return c.UseNextWitness() },
		func() error { return c.DropAuthority(wire.AuthorityID(c.Authorities()[1])) },
		func() error { return c.DropWitness(c.authority.cosigners()[1].Vkey()) },
	} {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v", i, err)
		}
		if now := revision(c); now <= last {
			t.Errorf("step %d: revision %d after %d", i, now, last)
		}
		last = revision(c)
		text, authority, witness := c.Trust().Trust, c.Authority(), c.Witness()
		at.Add(time.Hour)
		if c = open(); c.Trust().Trust != text || !c.Authority().Equal(authority) || c.Witness() != witness {
			t.Errorf("step %d: a new start changed the trust", i)
		}
	}
	for name, content := range copied {
		if err := os.WriteFile(filepath.Join(config.Dir, "keys", name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c = open()
	if _, err := c.NextWitness(); err != nil {
		t.Fatal(err)
	}
	if now := revision(c); now <= last {
		t.Errorf("restored from a copy: revision %d after %d", now, last)
	}
}

func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range files {
		if all[f.Name()], err = os.ReadFile(filepath.Join(dir, f.Name())); err != nil {
			t.Fatal(err)
		}
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), info.Mode(), err)
		}
	}
	return all
}

// TestKeyDirThatIsWrong: nothing is guessed, and no key is made in the place of one that is missing.
func TestKeyDirThatIsWrong(t *testing.T) {
	for name, text := range map[string]string{
		"nonsense":       `{`,
		"no keys":        `{"statement":"","authorities":{"in_force":[],"made":0},"witnesses":{"in_force":["witness"],"made":1}}`,
		"a path":         `{"statement":"","authorities":{"in_force":["../x"],"made":1},"witnesses":{"in_force":["witness"],"made":1}}`,
		"a path to drop": `{"statement":"","authorities":{"in_force":["authority"],"made":1},"witnesses":{"in_force":["witness"],"made":1},"dropped":["../x"]}`,
		"lost keys":      `{"statement":"","authorities":{"in_force":["authority-2","authority"],"made":2},"witnesses":{"in_force":["witness"],"made":1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, trustName), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := openKeySet(dir, Config{Name: "example.org/room", Now: time.Now}); err == nil {
				t.Error("taken")
			}
			if files := snapshot(t, dir); len(files) != 1 {
				t.Errorf("%d files were made", len(files)-1)
			}
		})
	}
	dir := t.TempDir()
	for range 2 {
		if _, err := openKeySet(dir, Config{Name: "example.org/room", Now: time.Now}); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range snapshot(t, dir) {
		if name == trustName {
			continue // without it the first keys of before are the first ones
		}
		path := filepath.Join(dir, name)
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := openKeySet(dir, Config{Name: "example.org/room", Now: time.Now}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", name, err)
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
