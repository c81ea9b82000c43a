package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const longest = 400 // lines of a file that a person writes

// A source is one Go file of the module, parsed for no particular system.
type source struct {
	path string // from the module's root, with slashes
	text string
	fset *token.FileSet
	file *ast.File
}

type files []source

func (s source) dir() string  { return path.Dir(s.path) }
func (s source) test() bool   { return strings.HasSuffix(s.path, "_test.go") }
func (s source) made() bool   { return ast.IsGenerated(s.file) }
func (s source) lines() int   { return strings.Count(s.text, "\n") }
func (s source) name() string { return s.file.Name.Name }
func (s source) at(p token.Pos) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(p).Line)
}

func parse(t *testing.T, fset *token.FileSet, name, text string) source {
	t.Helper()
	file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return source{path: name, text: text, fset: fset, file: file}
}

// sources reads every Go file of the module; packaging/tools is another one.
func sources(t *testing.T) files {
	t.Helper()
	fset, all := token.NewFileSet(), files{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name()[0] == '.' || d.Name() == "testdata" || name == "bin" || name == "out" || name == "tmp"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		all = append(all, parse(t, fset, filepath.ToSlash(name), string(text)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// imports gathers what the files of each package import.
func (all files) imports() graph {
	g := graph{}
	for _, s := range all {
		pkg := path.Join(module, s.dir())
		n := g[pkg]
		for _, spec := range s.file.Imports {
			to, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // it did not parse as a string, so it does not compile
			}
			if s.test() {
				n.tests = append(n.tests, to)
			} else {
				n.imports = append(n.imports, to)
			}
		}
		g[pkg] = n
	}
	return g
}

// misplaced names Go files outside the house's rooms.
func (all files) misplaced() (found []string) {
	rooms := []string{".", "assets", "ui", "sync", "printer", "vault"}
	for _, s := range all {
		top, _, _ := strings.Cut(s.dir(), "/")
		if !slices.Contains(rooms, top) || s.dir() == "sync" {
			found = append(found, s.path)
		}
	}
	return found
}

// uncommented names the folders whose package has no comment attached.
func (all files) uncommented() (found []string) {
	commented := map[string]bool{}
	for _, s := range all {
		if s.test() {
			continue
		}
		doc := s.file.Doc.Text()
		commented[s.dir()] = commented[s.dir()] || doc != "" &&
			(s.name() == "main" || strings.HasPrefix(doc, "Package "+s.name()+" "))
	}
	for dir, ok := range commented {
		if !ok {
			found = append(found, dir)
		}
	}
	slices.Sort(found)
	return found
}

func (all files) tooLong() (found []string) {
	for _, s := range all {
		if s.lines() > longest && !s.made() {
			found = append(found, s.path)
		}
	}
	return found
}

// skipped names the tests that can step aside instead of failing.
func (all files) skipped() (found []string) {
	for _, s := range all {
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok || !s.test() {
				return true
			}
			on, _ := call.X.(*ast.Ident)
			aside := slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, call.Sel.Name)
			if on != nil && (aside && slices.Contains([]string{"t", "b", "f", "tb"}, on.Name) ||
				on.Name == "testing" && call.Sel.Name == "Short") {
				found = append(found, s.at(n.Pos()))
			}
			return true
		})
	}
	return found
}

var leftover = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

// leftovers names the comments that promise work.
func (all files) leftovers() (found []string) {
	for _, s := range all {
		for _, group := range s.file.Comments {
			for _, c := range group.List {
				if leftover.MatchString(c.Text) && !s.made() {
					found = append(found, s.at(c.Pos()))
				}
			}
		}
	}
	return found
}

func TestFilesAreInOrder(t *testing.T) {
	all := sources(t)
	for what, found := range map[string][]string{
		"Go code outside the house":             all.misplaced(),
		"no comment on the package":             all.uncommented(),
		"longer than " + strconv.Itoa(longest):  all.tooLong(),
		"a test that can step aside":            all.skipped(),
		"a promise of work instead of the work": all.leftovers(),
	} {
		for _, f := range found {
			t.Errorf("%s: %s", what, f)
		}
	}
}

func TestFileChecksFindFaults(t *testing.T) {
	for name, c := range map[string]struct {
		path, text string
		check      func(files) []string
		want       []string
	}{
		"another folder":   {"internal/a.go", "// Package a is.\npackage a\n", files.misplaced, []string{"internal/a.go"}},
		"in sync itself":   {"sync/a.go", "package sync\n", files.misplaced, []string{"sync/a.go"}},
		"in place":         {"sync/wire/a.go", "package wire\n", files.misplaced, nil},
		"detached comment": {"vault/a/a.go", "// Package a is.\n\npackage a\n", files.uncommented, []string{"vault/a"}},
		"another comment":  {"vault/a/a.go", "// Stuff.\npackage a\n", files.uncommented, []string{"vault/a"}},
		"attached comment": {"vault/a/a.go", "// Package a is.\npackage a\n", files.uncommented, nil},
		"long":             {"vault/a/a.go", "package a\n" + strings.Repeat("\n", longest), files.tooLong, []string{"vault/a/a.go"}},
		"long, generated": {"vault/a/a.go", "// Code generated by x. DO NOT EDIT.\n\npackage a\n" + strings.Repeat("\n", longest),
			files.tooLong, nil},
		"skip": {"vault/a/a_test.go", "package a\nfunc TestA(t *testing.T) {\n\tt.Skipf(\"no\")\n}\n", files.skipped,
			[]string{"vault/a/a_test.go:3"}},
		"short":            {"vault/a/a_test.go", "package a\nvar a = testing.Short()\n", files.skipped, []string{"vault/a/a_test.go:2"}},
		"skip of a reader": {"vault/a/a_test.go", "package a\nvar a = r.Skip()\n", files.skipped, nil},
		"leftover":         {"vault/a/a.go", "package a\n\n// " + "TO" + "DO: later\n", files.leftovers, []string{"vault/a/a.go:3"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.check(files{parse(t, token.NewFileSet(), c.path, c.text)})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
