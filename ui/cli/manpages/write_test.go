package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func pages(t *testing.T) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "share", "man1")
	if err := write(dir, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, e := range entries {
		if all[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// TestEveryCommandHasAPage, and each flag stands on it.
func TestEveryCommandHasAPage(t *testing.T) {
	all := pages(t)
	var check func(*cobra.Command)
	seen := 0
	check = func(c *cobra.Command) {
		seen++
		name := strings.ReplaceAll(c.CommandPath(), " ", "-") + ".1"
		page := string(all[name])
		if !strings.Contains(page, "1.2.3") || !strings.Contains(page, c.Short) {
			t.Errorf("%s: %q", name, page)
		}
		for _, flag := range []string{"json", "pin-fd", "second-pin-fd", "token-file", "person", "pages"} {
			if c.Flags().Lookup(flag) != nil && !strings.Contains(strings.ReplaceAll(page, `\-`, "-"), "--"+flag) {
				t.Errorf("%s says nothing of --%s", name, flag)
			}
		}
		for _, below := range c.Commands() {
			check(below)
		}
	}
	check(program("1.2.3").Command(func() {}))
	if seen < 10 {
		t.Errorf("%d commands", seen)
	}
	if _, ok := all["printroom-completion-bash.1"]; !ok {
		t.Error("the completions have no page")
	}
}

func TestPagesAreReproducible(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1790000000")
	one, two := pages(t), pages(t)
	if diff := cmp.Diff(one, two); diff != "" {
		t.Error(diff)
	}
	if page := one["printroom.1"]; !bytes.Contains(page, []byte("Sep 2026")) {
		t.Errorf("%s", page)
	}
}

func TestNoPlaceForPages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if write(file, "1") == nil || complete(file) == nil {
		t.Error("they were written into a file")
	}
}

// TestCompletions: bash, asked as it asks when somebody types, gets the script
// that its completion loads by that name.
func TestCompletions(t *testing.T) {
	dir := t.TempDir()
	if err := complete(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"printroom": "complete -o default -F __start_printroom printroom", "_printroom": "#compdef printroom", "printroom.fish": "complete -c printroom",
	} {
		script, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || !bytes.Contains(script, []byte(want)) {
			t.Errorf("%s: %v: %.200s", name, err, script)
		}
	}
	if said, err := exec.CommandContext(t.Context(), "bash", "-n", filepath.Join(dir, "printroom")).CombinedOutput(); err != nil {
		t.Errorf("bash does not read it: %v: %s", err, said)
	}
}
