package widgets_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// TestEveryFieldLetsTheScannerThrough reads this package: a widget that takes
// characters or keys asks the window first, or a code from the hand scanner
// would press buttons and fill fields.
func TestEveryFieldLetsTheScannerThrough(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]string{"TypedRune": "holdRune", "TypedKey": "holdKey"}
	found := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			m, ok := d.(*ast.FuncDecl)
			if !ok || m.Recv == nil || asked[m.Name.Name] == "" {
				continue
			}
			found++
			if !calls(m, asked[m.Name.Name]) {
				t.Errorf("%s: a %s does not ask kit.%s first", f.Name(), m.Name.Name, asked[m.Name.Name])
			}
		}
	}
	if found < 10 {
		t.Errorf("only %d methods found", found)
	}
}

func calls(m *ast.FuncDecl, name string) bool {
	found := false
	ast.Inspect(m, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name == name {
			found = true
		}
		return true
	})
	return found
}
