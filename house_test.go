package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The arrows of the house point down only. What a package imports itself is
// read from its files, for every system and build tag (house_files_test.go);
// what it links is asked of the go command.

const module = "espero-soft.com/printroom"

// A rule forbids imports. Patterns are import paths: "vault/..." is a package
// of ours and all below it, "." the product's main package, "ours" everything
// of ours; others are taken as they are, so "net/..." is the standard library's.
type rule struct {
	why    string
	from   []string
	to     []string
	except []string // targets allowed all the same
	unless []string // importers it does not hold for
	linked bool     // holds for everything linked in, not only for what the files import
	tests  bool     // holds for test files too
}

func rules() []rule {
	return []rule{
		{why: "vault knows neither printer, sync nor ui", tests: true,
			from: []string{"vault/..."}, to: []string{"printer/...", "sync/...", "ui/..."}},
		{why: "printer knows neither vault, sync nor ui", tests: true,
			from: []string{"printer/..."}, to: []string{"vault/...", "sync/...", "ui/..."}},
		{why: "sync does not know the window; a room is started around all of it",
			from: []string{"sync/..."}, to: []string{"ui/..."}},
		{why: "nothing stands on the product's main or on a room", tests: true,
			from: []string{"ours"}, to: []string{".", "sync/room/..."}, unless: []string{"sync/room/..."}},
		{why: "only a room and tests start a server, a virtual device or a software TPM",
			from: []string{"ours"}, to: []string{"sync/central/...", "printer/virtual/...", "vault/tpm/swtpm/..."},
			unless: []string{"sync/room/...", "sync/central/...", "printer/virtual/...", "vault/tpm/swtpm/..."}},
		{why: "the product holds no server, no room and no virtual device", linked: true,
			from: []string{".", "vault/journal/verify/printroom-verify"},
			to:   []string{"sync/central/...", "sync/room/...", "printer/virtual/...", "vault/tpm/swtpm/..."}},
		{why: "view models and commands work without Fyne", linked: true,
			from: []string{"ui/viewmodel/...", "ui/cli/..."}, to: []string{"fyne.io/..."}},
		{why: "view models know no screen",
			from: []string{"ui/viewmodel/...", "ui/cli/..."}, to: []string{"ui/screens/...", "ui/widgets/...", "ui/theme/..."}},
		{why: "the sandboxed worker has no key, no network and no window", linked: true,
			from:   []string{"printer/render/worker/..."},
			to:     []string{"ours", "fyne.io/...", "net/http/...", "crypto/tls/...", "github.com/google/go-tpm/..."},
			except: []string{"printer/render/..."}},
		{why: "the verifier reads an export and knows nothing else of the program", linked: true,
			from:   []string{"vault/journal/verify/..."},
			to:     []string{"all"},
			except: []string{"std", "golang.org/x/mod/...", "vault/journal/verify/...", "vault/journal/checkpoint/..."}},
		{why: "assets import nothing but embed",
			from: []string{"assets/..."}, to: []string{"all"}, except: []string{"embed", "assets/..."}},
		{why: "the wire types know nothing of the program",
			from: []string{"sync/wire/..."}, to: []string{"ours"}, except: []string{"sync/wire/..."}},
		{why: "the client knows the wire and nothing above",
			from: []string{"sync/client/..."}, to: []string{"ours"}, except: []string{"sync/wire/...", "sync/client/..."}},
		{why: "a job's life is told to nobody: pull and push come to the station",
			from: []string{"sync/station/..."},
			to:   []string{"sync/pull/...", "sync/push/...", "sync/central/...", "sync/room/..."}},
		{why: "the reference server is central's side only",
			from: []string{"sync/central/..."},
			to:   []string{"sync/client/...", "sync/pull/...", "sync/push/...", "sync/station/...", "printer/virtual/..."}},
	}
}

// A node is a package as the rules see it.
type node struct {
	imports []string // of files that are not tests
	tests   []string // of test files
	linked  []string // everything below, as go list -deps gives it
	std     bool
}

// A graph holds packages by import path.
type graph map[string]node

// broken returns "from -> to" for each import that the rule forbids.
func (g graph) broken(r rule) []string {
	var found []string
	for from, n := range g {
		if !g.matches(from, r.from) || g.matches(from, r.unless) {
			continue
		}
		targets := n.imports
		if r.linked {
			targets = n.linked
		}
		if r.tests {
			targets = slices.Concat(targets, n.tests)
		}
		for _, to := range targets {
			if to != from && g.matches(to, r.to) && !g.matches(to, r.except) {
				found = append(found, short(from)+" -> "+short(to))
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func short(path string) string {
	if path == module {
		return "."
	}
	return strings.TrimPrefix(path, module+"/")
}

// full turns a name in the house into an import path; sync alone is the standard library's.
func full(name string) string {
	top, _, below := strings.Cut(name, "/")
	switch {
	case name == ".":
		return module
	case below && slices.Contains([]string{"assets", "printer", "sync", "ui", "vault"}, top):
		return module + "/" + name
	}
	return name
}

func (g graph) matches(path string, patterns []string) bool {
	ours := path == module || strings.HasPrefix(path, module+"/")
	for _, p := range patterns {
		root, below := strings.CutSuffix(full(p), "/...")
		switch {
		case p == "all", p == "ours" && ours, p == "std" && g[path].std, path == root,
			below && strings.HasPrefix(path, root+"/"):
			return true
		}
	}
	return false
}

// linked asks the go command for the packages of the module and all below them.
func linked(t *testing.T) graph {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,Deps,Error", "./...")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatal(err)
	}
	g := graph{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Standard   bool
			Deps       []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatal(err)
		}
		g[p.ImportPath] = node{linked: p.Deps, std: p.Standard}
	}
}

func TestArrowsPointDown(t *testing.T) {
	g := linked(t)
	for path, s := range sources(t).imports() {
		n := g[path]
		n.imports, n.tests = s.imports, s.tests
		g[path] = n
	}
	for _, r := range rules() {
		if !slices.ContainsFunc(r.from, func(p string) bool { return g.any(p) }) {
			t.Errorf("%s: no package is left to hold to it (%v)", r.why, r.from)
		}
		for _, edge := range g.broken(r) {
			t.Errorf("%s: %s", r.why, edge)
		}
	}
}

func (g graph) any(pattern string) bool {
	for path := range g {
		if g.matches(path, []string{pattern}) {
			return true
		}
	}
	return false
}

// The rules are worth what they find: each case is a small house with one fault.
func TestRulesFindFaults(t *testing.T) {
	in := func(names ...string) []string {
		for i, name := range names {
			names[i] = full(name)
		}
		return names
	}
	for name, c := range map[string]struct {
		from string
		node node
		want string // "" where the house is sound
	}{
		"vault to sync":            {"vault/keys", node{imports: in("sync/wire")}, "vault/keys -> sync/wire"},
		"vault to printer in test": {"vault/keys", node{tests: in("printer/ipp")}, "vault/keys -> printer/ipp"},
		"vault to vault":           {"vault/keys", node{imports: append(in("vault/journal", "crypto/hpke"), "sync", "sync/atomic")}, ""},
		"printer to ui":            {"printer/ipp", node{imports: in("ui/theme")}, "printer/ipp -> ui/theme"},
		"sync to ui":               {"sync/station", node{imports: in("ui/viewmodel")}, "sync/station -> ui/viewmodel"},
		"station up to pull":       {"sync/station", node{imports: in("sync/pull")}, "sync/station -> sync/pull"},
		"station down":             {"sync/station", node{imports: in("vault/keys", "printer/ipp")}, ""},
		"product links central":    {".", node{linked: in("ui", "sync/central/ledger")}, ". -> sync/central/ledger"},
		"product links swtpm":      {".", node{linked: in("vault/tpm", "vault/tpm/swtpm")}, ". -> vault/tpm/swtpm"},
		"product links virtual":    {".", node{linked: in("printer/virtual")}, ". -> printer/virtual"},
		"station to room in test":  {"sync/station", node{tests: in("sync/room/mail")}, "sync/station -> sync/room/mail"},
		"push to central":          {"sync/push", node{imports: in("sync/central")}, "sync/push -> sync/central"},
		"push to central in test":  {"sync/push", node{tests: in("sync/central")}, ""},
		"room to room":             {"sync/room/demo", node{imports: in("sync/room/mail", "sync/central")}, ""},
		"view model links Fyne":    {"ui/viewmodel", node{linked: in("image", "fyne.io/fyne/v2")}, "ui/viewmodel -> fyne.io/fyne/v2"},
		"command links Fyne":       {"ui/cli/keys", node{linked: in("fyne.io/systray")}, "ui/cli/keys -> fyne.io/systray"},
		"screen may":               {"ui/screens/queue", node{imports: in("fyne.io/fyne/v2", "ui/viewmodel"), linked: in("fyne.io/fyne/v2")}, ""},
		"worker links keys":        {"printer/render/worker", node{linked: in("printer/render/frame", "vault/keys")}, "printer/render/worker -> vault/keys"},
		"worker links IPP":         {"printer/render/worker", node{linked: in("printer/ipp")}, "printer/render/worker -> printer/ipp"},
		"worker links TLS":         {"printer/render/worker", node{linked: in("crypto/tls")}, "printer/render/worker -> crypto/tls"},
		"verifier links SQLite":    {"vault/journal/verify", node{linked: in("modernc.org/sqlite", "fmt")}, "vault/journal/verify -> modernc.org/sqlite"},
		"verifier links journal":   {"vault/journal/verify", node{linked: in("vault/journal")}, "vault/journal/verify -> vault/journal"},
		"verifier":                 {"vault/journal/verify", node{linked: in("vault/journal/checkpoint", "golang.org/x/mod/sumdb/note", "fmt")}, ""},
		"assets import fmt":        {"assets/fonts", node{imports: in("embed", "fmt")}, "assets/fonts -> fmt"},
		"wire to postal":           {"sync/wire", node{imports: in("printer/postal", "time")}, "sync/wire -> printer/postal"},
		"client to store":          {"sync/client", node{imports: in("sync/wire", "vault/store")}, "sync/client -> vault/store"},
		"central to client":        {"sync/central", node{imports: in("sync/client"), tests: in("sync/client")}, "sync/central -> sync/client"},
	} {
		t.Run(name, func(t *testing.T) {
			g := graph{full(c.from): c.node, "fmt": {std: true}}
			var got []string
			for _, r := range rules() {
				got = append(got, g.broken(r)...)
			}
			slices.Sort(got)
			if diff := cmp.Diff(c.want, strings.Join(slices.Compact(got), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}
