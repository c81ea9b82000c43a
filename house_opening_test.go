package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Who asks the journal for permits, who spends them, and what decrypts: by name.
// Whoever comes to it has to be written down here, where somebody looks.

// makers ask the journal for permits: one, which looks before whether anything may
// be opened at all.
func makers() []string { return []string{"sync/station (*Station).intent"} }

// spenders use a permit up: who opens a claim's key, the two functions that decrypt
// what is personal, and those that call them.
func spenders() []string {
	return []string{
		"sync/station (*Station).openClaim",
		"sync/station (*Station).unseal",
		"sync/station openPicture",
		"vault/keys (*ClaimKey).Open",
		"vault/keys (*StoreKey).OpenPicture",
	}
}

// decrypters are what packages offer that comes to a cipher's Open, and why each
// needs no permit, "" for those that take one.
func decrypters() map[string]string {
	return map[string]string{
		"vault/keys (*ClaimKey).Open":        "",
		"vault/keys (*StoreKey).OpenPicture": "",
		"vault/keys (*StoreKey).Open":        "registered numbers, which name nobody: no Field is of anything else",
		"vault/keys OpenClaimKey":            "a key: the station spends a permit on the claim first, and one on each letter",
		"vault/keys OpenStoreKey":            "a key, by which a picture is opened with a permit",
	}
}

// calls lists the functions of a package that call one of some, by name.
func calls(info *types.Info, s source, some func(*types.Func) bool) (found []string) {
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && uses(info, f, some) {
			found = append(found, s.dir()+" "+nameOf(f))
		} else if !ok && uses(info, d, some) {
			found = append(found, s.at(d.Pos())) // in a variable's value
		}
	}
	return found
}

// uses tells whether code speaks of a function, to call it or to hand it on.
func uses(info *types.Info, n ast.Node, some func(*types.Func) bool) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if f, ok := info.Uses[id].(*types.Func); ok && some(f) {
				found = true
			}
		}
		return !found
	})
	return found
}

func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return f.Name.Name
	}
	return "(" + types.ExprString(f.Recv.List[0].Type) + ")." + f.Name.Name
}

// asksForPermit: Intent and Intents, of the journal or of an interface over it.
func asksForPermit(f *types.Func) bool {
	if f.Name() != "Intent" && f.Name() != "Intents" {
		return false
	}
	for v := range f.Signature().Results().Variables() {
		if holdsPermit(v.Type()) {
			return true
		}
	}
	return false
}

// spendsPermit: Permit.Use, and the functions that take a permit and give what was
// opened.
func spendsPermit(f *types.Func) bool {
	recv, params := f.Signature().Recv(), f.Signature().Params()
	if f.Name() == "Use" && recv != nil && isPermit(recv.Type()) {
		return true
	}
	return f.Pkg() != nil && f.Pkg().Path() == keysPath && params.Len() > 0 && isPermit(params.At(0).Type())
}

// opening is the product's packages that can name a permit or a key, and what
// type-checks them. The bench opens letters too, and is in no product.
func opening(t *testing.T) (c *checker, packages map[string]files) {
	t.Helper()
	packages = permitFiles(t)
	maps.DeleteFunc(packages, func(pkg string, _ files) bool { return strings.HasPrefix(pkg, path.Join(module, "sync/room")) })
	return newChecker(t, slices.Sorted(maps.Keys(packages))), packages
}

func TestWhoAsksForPermitsAndWhoSpendsThem(t *testing.T) {
	c, packages := opening(t)
	var asking, spending []string
	for pkg, all := range packages {
		info, err := c.check(pkg, all)
		if err != nil {
			t.Errorf("%s: %v", pkg, err)
			continue
		}
		for _, s := range all {
			if pkg != journalPath {
				asking = append(asking, calls(info, s, asksForPermit)...)
				spending = append(spending, calls(info, s, spendsPermit)...)
			}
		}
	}
	slices.Sort(asking)
	slices.Sort(spending)
	if d := cmp.Diff(makers(), asking); d != "" {
		t.Errorf("who asks for permits (-known +found):\n%s", d)
	}
	if d := cmp.Diff(spenders(), spending); d != "" {
		t.Errorf("who spends permits (-known +found):\n%s", d)
	}
}

// TestWhatDecrypts: every way out of the packages that hold what is personal
// takes a permit first, or stands above with a reason.
func TestWhatDecrypts(t *testing.T) {
	c, packages := opening(t)
	found := map[string]bool{}
	for pkg, all := range packages {
		if pkg != keysPath {
			continue
		}
		info, err := c.check(pkg, all)
		if err != nil {
			t.Fatal(err)
		}
		for name, f := range reaching(info, all, opensCipher) {
			found[name] = f.Signature().Params().Len() > 0 && isPermit(f.Signature().Params().At(0).Type())
		}
	}
	known := map[string]bool{}
	for name, why := range decrypters() {
		known[name] = why == ""
	}
	if d := cmp.Diff(known, found); d != "" {
		t.Errorf("what decrypts, and whether it takes a permit (-known +found):\n%s", d)
	}
}

// TestStoreKeepsWhatIsSealed: the store takes off the era's layer alone. It can't
// take off another, because it knows no key of package keys.
func TestStoreKeepsWhatIsSealed(t *testing.T) {
	storePath := path.Join(module, "vault/store")
	if imports := sources(t).imports()[storePath].imports; slices.Contains(imports, keysPath) {
		t.Errorf("%s opens what is sealed by package keys", storePath)
	}
}

// opensCipher: AEAD.Open of a cipher, or hpke.Open.
func opensCipher(f *types.Func) bool {
	return f.Name() == "Open" && f.Pkg() != nil && strings.HasPrefix(f.Pkg().Path(), "crypto/")
}

// reaching are the exported functions and methods of a package that come, by way
// of whatever of it, to one of some.
func reaching(info *types.Info, all files, some func(*types.Func) bool) map[string]*types.Func {
	decls := map[*types.Func]*ast.FuncDecl{}
	names := map[*types.Func]string{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				o := info.Defs[f.Name].(*types.Func)
				decls[o], names[o] = f, s.dir()+" "+nameOf(f)
			}
		}
	}
	reached := map[*types.Func]bool{}
	for more := true; more; {
		more = false
		for o, f := range decls {
			if !reached[o] && uses(info, f, func(g *types.Func) bool { return some(g) || reached[g.Origin()] }) {
				reached[o], more = true, true
			}
		}
	}
	found := map[string]*types.Func{}
	for o := range reached {
		if o.Exported() {
			found[names[o]] = o
		}
	}
	return found
}

// TestOpeningChecksFindFaults: each kind of newcomer is found.
func TestOpeningChecksFindFaults(t *testing.T) {
	c := newChecker(t, []string{journalPath, keysPath})
	for text, want := range map[string]struct{ asks, spends int }{
		"func f(j *journal.Journal) (journal.Permit, error) { return j.Intent(nil, journal.Access{}) }":                                      {1, 0},
		"func f(j *journal.Journal) ([]journal.Permit, error) { return j.Intents(nil, nil) }":                                                {1, 0},
		"type i interface { Intent(string) (journal.Permit, error) }; func f(j i) { _, _ = j.Intent(\"\") }":                                 {1, 0},
		"func f(j *journal.Journal) any { return j.Intent }":                                                                                 {1, 0},
		"var g = (*journal.Journal).Intent":                                                                                                  {1, 0},
		"type i interface { Intent(string) error }; func f(j i) { _ = j.Intent(\"\") }; var _ journal.Permit":                                {0, 0},
		"func f(p journal.Permit) error { return p.Use(\"\") }":                                                                              {0, 1},
		"func f(p journal.Permit) any { return p.Use }":                                                                                      {0, 1},
		"func f(k *keys.ClaimKey, p journal.Permit) { _, _ = k.Open(p, \"\", nil, nil, nil) }":                                               {0, 1},
		"func f(k *keys.StoreKey, p journal.Permit) { _, _ = k.OpenPicture(p, \"\", nil) }":                                                  {0, 1},
		"func f(k *keys.StoreKey) { _, _ = k.Open(keys.TrackingNumber(\"\"), nil) }; func g(p journal.Permit) int64 { return p.Sequence() }": {0, 0},
	} {
		imports := "\"espero-soft.com/printroom/vault/journal\"\n"
		if strings.Contains(text, "keys.") {
			imports += "\"espero-soft.com/printroom/vault/keys\"\n"
		}
		s := parse(t, token.NewFileSet(), "snippet.go", "package snippet\n\nimport (\n"+imports+")\n\n"+text+"\n")
		info, err := c.check("snippet", files{s})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if asks, spends := len(calls(info, s, asksForPermit)), len(calls(info, s, spendsPermit)); asks != want.asks || spends != want.spends {
			t.Errorf("%s: found %d and %d, want %d and %d", text, asks, spends, want.asks, want.spends)
		}
	}
}
