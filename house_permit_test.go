package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// No letter is opened without a durable intent, because opening takes a
// journal.Permit and only the journal makes one. Here the compiler is asked:
// code that does without must not compile, and nobody else may make a permit.

const (
	journalPath = module + "/vault/journal"
	keysPath    = module + "/vault/keys"
)

// A checker type-checks sources against what the go command has compiled.
type checker struct{ exports map[string]string }

func newChecker(t *testing.T, packages []string) *checker {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=ImportPath,Export"}, packages...)
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -export: %v", err)
	}
	c := &checker{exports: map[string]string{}}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct{ ImportPath, Export string }
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return c
		} else if err != nil {
			t.Fatal(err)
		}
		c.exports[p.ImportPath] = p.Export
	}
}

// check type-checks the files of one package and returns what is wrong with them.
func (c *checker) check(pkg string, sources files) (*types.Info, error) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	var all []error
	config := types.Config{
		Importer:    c.importer(),
		FakeImportC: true,
		Error:       func(err error) { all = append(all, err) },
	}
	var syntax []*ast.File
	for _, s := range sources {
		syntax = append(syntax, s.file)
	}
	if _, err := config.Check(pkg, sources[0].fset, syntax, info); err != nil {
		return nil, errors.Join(all...)
	}
	return info, nil
}

// importer reads the compiled packages.
func (c *checker) importer() types.Importer {
	return importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		if c.exports[path] == "" {
			return nil, fmt.Errorf("%s was not compiled", path)
		}
		return os.Open(c.exports[path])
	})
}

const withContent = " with content"

// makes lists the expressions and declarations that make a permit out of
// nothing: literals, new, make, conversions, variables without a value and
// types of its shape.
func makes(info *types.Info, s source) (found []string) {
	say := func(n ast.Node, what string) { found = append(found, s.at(n.Pos())+": "+what) }
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CompositeLit:
			if isPermit(info.Types[n].Type) {
				say(n, "literal"+strings.Repeat(withContent, min(len(n.Elts), 1)))
			}
		case *ast.CallExpr:
			fun := info.Types[n.Fun]
			switch {
			case fun.IsType() && isPermit(fun.Type):
				say(n, "conversion")
			case fun.IsBuiltin() && len(n.Args) > 0 && info.Types[n.Args[0]].IsType() && holdsPermit(info.Types[n.Args[0]].Type):
				say(n, "new or make")
			}
		case *ast.ValueSpec:
			if n.Type != nil && len(n.Values) == 0 && holdsPermit(info.Types[n.Type].Type) {
				say(n, "variable without a value")
			}
		case *ast.TypeSpec:
			if isPermit(info.Types[n.Type].Type) {
				say(n, "type of its shape")
			}
		}
		return true
	})
	return found
}

// isPermit also sees through the pointer that an elided &Permit{} has.
func isPermit(t types.Type) bool {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Permit" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == journalPath
}

// holdsPermit is for arrays, slices and channels of permits as well.
func holdsPermit(t types.Type) bool {
	for range 8 {
		if isPermit(t) {
			return true
		}
		container, ok := types.Unalias(t).(interface{ Elem() types.Type })
		if !ok {
			return false
		}
		t = container.Elem()
	}
	return false
}

// permitFiles gathers by package the files that can name a permit or a key that
// opens with one, tests left out.
func permitFiles(t *testing.T) map[string]files {
	t.Helper()
	all := sources(t)
	graph, found := all.imports(), map[string]files{}
	for _, s := range all {
		pkg := path.Join(module, s.dir())
		names := slices.Contains(graph[pkg].imports, journalPath) || slices.Contains(graph[pkg].imports, keysPath)
		if s.test() || pkg != journalPath && !names {
			continue
		}
		if here, err := build.Default.MatchFile(s.dir(), path.Base(s.path)); err != nil {
			t.Fatal(err)
		} else if here {
			found[pkg] = append(found[pkg], s)
		}
	}
	return found
}

func TestOnlyTheJournalMakesPermits(t *testing.T) {
	packages := permitFiles(t)
	c := newChecker(t, slices.Sorted(maps.Keys(packages)))
	filled := 0
	for pkg, all := range packages {
		info, err := c.check(pkg, all)
		if err != nil {
			t.Errorf("%s: %v", pkg, err)
			continue
		}
		for _, s := range all {
			for _, found := range makes(info, s) {
				if pkg != journalPath {
					t.Errorf("a permit is made outside the journal: %s", found)
				} else if strings.HasSuffix(found, withContent) {
					filled++
				}
			}
		}
	}
	if filled != 1 {
		t.Errorf("permits are filled in %d places, want one", filled)
	}
	j, err := c.importer().Import(journalPath)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Intent", "Intents"}, givers(j)); diff != "" {
		t.Errorf("who gives permits: %s", diff)
	}
}

// givers lists what a package exports that returns or is a permit.
func givers(pkg *types.Package) (found []string) {
	add := func(o types.Object) {
		if !o.Exported() {
			return
		}
		if f, ok := o.(*types.Func); ok {
			for v := range f.Signature().Results().Variables() {
				if holdsPermit(v.Type()) {
					found = append(found, o.Name())
				}
			}
		} else if v, ok := o.(*types.Var); ok && holdsPermit(v.Type()) {
			found = append(found, o.Name())
		}
	}
	for _, name := range pkg.Scope().Names() {
		o := pkg.Scope().Lookup(name)
		add(o)
		if _, ok := o.(*types.TypeName); ok {
			for m := range types.NewMethodSet(types.NewPointer(o.Type())).Methods() {
				add(m.Obj())
			}
		}
	}
	return found
}

// snippet is a package outside the journal that opens a letter.
const snippet = `package snippet

import (
	"context"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
)

type box struct{ permits []journal.Permit }

func open(ctx context.Context, j *journal.Journal, k *keys.ClaimKey, job string, sealed []byte) (*keys.Letter, error) {
	p, err := j.Intent(ctx, journal.Access{Object: job})
	if err != nil {
		return nil, err
	}
	_ = box{permits: []journal.Permit{p}}
	return k.Open(p, job, sealed, sealed, sealed)
}
`

func TestOpeningWithoutPermitDoesNotCompile(t *testing.T) {
	c := newChecker(t, []string{journalPath, keysPath})
	if _, err := c.check("snippet", files{parse(t, token.NewFileSet(), "snippet.go", snippet)}); err != nil {
		t.Fatalf("the right form does not compile: %v", err)
	}
	const call, back = "k.Open(p, job,", "return k.Open(p, job,"
	for name, c2 := range map[string]struct{ old, new, says string }{
		"no permit":            {call, "k.Open(job,", "not enough arguments"},
		"nil for a permit":     {call, "k.Open(nil, job,", "cannot use nil"},
		"another struct":       {call, "k.Open(struct{}{}, job,", "cannot use struct{}{}"},
		"access for a permit":  {call, "k.Open(journal.Access{Object: job}, job,", "cannot use journal.Access"},
		"permit with content":  {call, "k.Open(journal.Permit{p: nil}, job,", "unexported field p"},
		"content by position":  {call, "k.Open(journal.Permit{nil}, job,", "unexported field"},
		"content set later":    {back, "p.p = nil; return k.Open(p, job,", "p.p undefined"},
		"the permit's inside":  {back, "_ = journal.permit{}; return k.Open(p, job,", "permit not exported"},
		"around the permit":    {"return k.Open(p, job, sealed, sealed, sealed)", "_, err = k.unwrap(job, sealed); return nil, err", "unexported method unwrap"},
		"the key itself":       {back, "_ = k.kek; return k.Open(p, job,", "unexported field kek"},
		"intent without error": {"p, err := j.Intent", "p := j.Intent", "assignment mismatch"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(snippet, c2.old, c2.new, 1)
			if text == snippet {
				t.Fatal("the snippet does not hold " + c2.old)
			}
			_, err := c.check("snippet", files{parse(t, token.NewFileSet(), "snippet.go", text)})
			if err == nil {
				t.Fatal("it compiles")
			}
			if !strings.Contains(err.Error(), c2.says) {
				t.Errorf("refused, but for another reason: %v", err)
			}
		})
	}
}

// Every way that package keys has to a letter takes a permit.
func TestLettersTakePermits(t *testing.T) {
	k, err := newChecker(t, []string{keysPath}).importer().Import(keysPath)
	if err != nil {
		t.Fatal(err)
	}
	letter := k.Scope().Lookup("Letter").Type()
	ways := 0
	look := func(o types.Object) {
		f, ok := o.(*types.Func)
		if !ok || !f.Exported() || f.Signature().Results().Len() == 0 ||
			!types.Identical(f.Signature().Results().At(0).Type(), types.NewPointer(letter)) {
			return
		}
		ways++
		if params := f.Signature().Params(); params.Len() == 0 || !isPermit(params.At(0).Type()) {
			t.Errorf("%s opens a letter without a permit", f.FullName())
		}
	}
	for _, name := range k.Scope().Names() {
		o := k.Scope().Lookup(name)
		look(o)
		for m := range types.NewMethodSet(types.NewPointer(o.Type())).Methods() {
			look(m.Obj())
		}
	}
	if ways == 0 {
		t.Error("nothing opens a letter: this test looks in the wrong place")
	}
}

func TestPermitChecksFindFaults(t *testing.T) {
	c := newChecker(t, []string{journalPath})
	for text, want := range map[string]int{
		"func f(p journal.Permit) (q journal.Permit) { return p }":  0,
		"type held struct{ p journal.Permit }":                      0,
		"var p = journal.Permit{}":                                  1,
		"var p = &journal.Permit{}":                                 1,
		"var p = []journal.Permit{{}}":                              1,
		"var p = map[string]*journal.Permit{\"\": {}}":              1,
		"var p = new(journal.Permit)":                               1,
		"var p = make([]journal.Permit, 1)":                         1,
		"var p journal.Permit":                                      1,
		"var p [2]journal.Permit":                                   1,
		"func f() { var p journal.Permit; _ = p }":                  1,
		"type p journal.Permit":                                     1,
		"type p = journal.Permit":                                   1,
		"type p = journal.Permit; var q p":                          2,
		"func f(p journal.Permit) any { return journal.Permit(p) }": 1,
	} {
		s := parse(t, token.NewFileSet(), "snippet.go", "package snippet\n\nimport \"espero-soft.com/printroom/vault/journal\"\n\n"+text+"\n")
		info, err := c.check("snippet", files{s})
		if err != nil {
			t.Errorf("%s: %v", text, err)
		} else if found := makes(info, s); len(found) != want {
			t.Errorf("%s: found %d (%v), want %d", text, len(found), found, want)
		}
	}
}
