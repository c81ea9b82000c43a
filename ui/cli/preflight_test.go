package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jung-kurt/gofpdf"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/ui/language"
)

// letter writes a PDF of two pages: text in blue, and nothing.
func letter(t *testing.T) string {
	t.Helper()
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.AddPage()
	doc.SetFont("Helvetica", "", 12)
	doc.SetTextColor(0, 0, 200)
	doc.Text(30, 60, "Dear customer, here is what you asked for.")
	doc.AddPage()
	path := filepath.Join(t.TempDir(), "letter.pdf")
	noError(t, doc.OutputFileAndClose(path))
	return path
}

func TestPreflight(t *testing.T) {
	r, path := newRun(t, "en", ""), letter(t)
	got := r.json(t, 0, "preflight", "--json", path)
	size := map[string]any{"width_mm": 210.0, "height_mm": 297.0}
	want := map[string]any{"file": path, "ok": true, "pages": 2.0, "sizes": []any{size, size}, "findings": []any{
		map[string]any{"code": "blank", "error": false, "pages": []any{2.0}, "text": r.Texts.Say("preflight.blank")},
		map[string]any{"code": "colour", "error": false, "pages": []any{1.0}, "text": r.Texts.Say("preflight.colour")},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	got = r.json(t, 1, "preflight", "--json", "--colour", "--pages", "3", path)
	if got["ok"] != false || len(got["findings"].([]any)) != 2 {
		t.Errorf("%v", got)
	}
}

func TestPreflightInWords(t *testing.T) {
	r, path := newRun(t, "nl", ""), letter(t)
	torn := filepath.Join(t.TempDir(), "torn.pdf")
	noError(t, os.WriteFile(torn, []byte("%PDF-1.7 and no more"), 0o600))
	r.wantExit(t, 1, "preflight", path, torn, filepath.Join(t.TempDir(), "none.pdf"))
	for _, part := range []string{
		"2 pagina’s, 210 × 297 mm", "na te kijken: " + r.Texts.Say("preflight.blank") + " (pagina 2)",
		r.Texts.Say("fault.document_corrupt.what"), "none.pdf",
	} {
		if !strings.Contains(r.out.String(), part) {
			t.Errorf("it said %q, want %q in it", r.out.String(), part)
		}
	}
	if r.err.Len() != 0 {
		t.Errorf("and %q", r.err.String())
	}
}

// TestNamesSteerNoTerminal: a customer named the file.
func TestNamesSteerNoTerminal(t *testing.T) {
	r, path := newRun(t, "en", ""), letter(t)
	named := filepath.Join(filepath.Dir(path), "a\x1b]0;x\a\nb.pdf")
	noError(t, os.Rename(path, named))
	r.wantExit(t, 1, "preflight", named, filepath.Join(t.TempDir(), "\x1b[2Jnone.pdf"))
	if strings.ContainsAny(r.out.String(), "\x1b\a") || strings.Contains(r.out.String(), "\nb.pdf") {
		t.Errorf("it said %q", r.out.String())
	}
}

func TestEveryFindingHasASentence(t *testing.T) {
	all, err := language.Load(assets.Translations, "translations")
	noError(t, err)
	for _, tag := range language.Tags() {
		for _, code := range preflight.Codes() {
			if !all.In(tag).Has("preflight." + string(code)) {
				t.Errorf("%s has no sentence for %s", tag, code)
			}
		}
	}
}
