package pwg

import (
	"bufio"
	"bytes"
	"encoding/ascii85"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestReadByCUPS has libcups read what we wrote: ippeveps prints each row that
// is not white as ASCII85 in PostScript.
func TestReadByCUPS(t *testing.T) {
	for _, colour := range []bool{false, true} {
		t.Run(fmt.Sprintf("colour=%v", colour), func(t *testing.T) {
			page := letterPage(1240, 1754, colour)
			var buf bytes.Buffer
			w := NewWriter(&buf)
			w.Media, w.Pages = "iso_a4_210x297mm", 2
			ps := postScript(t, encode(t, w, &buf, page, page))
			got := imageRows(t, ps, page)
			if len(got) != 2 {
				t.Fatalf("libcups saw %d pages, want 2", len(got))
			}
			for i := range got {
				if !bytes.Equal(got[i], page.Pix) {
					t.Errorf("page %d: libcups saw other pixels", i+1)
				}
			}
		})
	}
}

func postScript(t *testing.T, raster []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "job.pwg")
	if err := os.WriteFile(file, raster, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("ippeveps", file)
	cmd.Env = append(os.Environ(), "CONTENT_TYPE=image/pwg-raster")
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil || strings.Contains(problems.String(), "ERROR") {
		t.Fatalf("ippeveps: %v\n%s", err, &problems)
	}
	return string(out)
}

// imageRows rebuilds the pages from ippeveps's rows ("<y> L", then ASCII85),
// with y counted from the bottom.
func imageRows(t *testing.T, ps string, p Page) [][]byte {
	t.Helper()
	var pages [][]byte
	lines := bufio.NewScanner(strings.NewReader(ps))
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "%%Page:") {
			pages = append(pages, bytes.Repeat([]byte{0xff}, p.stride()*p.Height))
		}
		var y int
		if n, err := fmt.Sscanf(lines.Text(), "%d L", &y); n != 1 || err != nil || !strings.HasSuffix(lines.Text(), " L") {
			continue
		}
		var code strings.Builder
		for lines.Scan() {
			text, end := strings.CutSuffix(lines.Text(), "~>")
			code.WriteString(text)
			if end {
				break
			}
		}
		row := pages[len(pages)-1][(p.Height-1-y)*p.stride():][:p.stride()]
		if n, _, err := ascii85.Decode(row, []byte(code.String()), true); err != nil || n != len(row) {
			t.Fatalf("row %d: %d bytes, %v", y, n, err)
		}
	}
	return pages
}

// TestReadMuPDF reads MuPDF's own PWG output and compares it with its pixels.
func TestReadMuPDF(t *testing.T) {
	dir := t.TempDir()
	page := "%%MediaBox 0 0 300 200\n%%Font F Times-Roman\nBT /F 24 Tf 20 100 Td (Bjet24) Tj ET\n1 0 0 rg 10 10 50 30 re f\n"
	text, pdf := filepath.Join(dir, "page.txt"), filepath.Join(dir, "page.pdf")
	if err := os.WriteFile(text, []byte(page), 0o600); err != nil {
		t.Fatal(err)
	}
	mutool(t, "create", "-o", pdf, text)
	for _, c := range []struct {
		space, format, magic string
		colour               bool
	}{{"gray", "pgm", "P5", false}, {"rgb", "ppm", "P6", true}} {
		raster, plain := filepath.Join(dir, "page.pwg"), filepath.Join(dir, "page."+c.format)
		mutool(t, "draw", "-q", "-r", "150", "-c", c.space, "-F", "pwg", "-o", raster, pdf)
		mutool(t, "draw", "-q", "-r", "150", "-c", c.space, "-F", c.format, "-o", plain, pdf)
		data, err := os.ReadFile(raster)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(plain)
		if err != nil {
			t.Fatal(err)
		}
		pages := readAll(t, data)
		if len(pages) != 1 || pages[0].Colour != c.colour || !bytes.HasPrefix(want, []byte(c.magic)) {
			t.Fatalf("%s: %d pages", c.space, len(pages))
		}
		if !bytes.HasSuffix(want, pages[0].Pix) {
			t.Errorf("%s: other pixels than MuPDF's", c.space)
		}
	}
}

func mutool(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("mutool", args...).CombinedOutput(); err != nil {
		t.Fatalf("mutool %v: %v\n%s", args, err, out)
	}
}
