//go:build long || window

package room

import (
	"bytes"
	"image"
	"os"
	"testing"

	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/operators"
)

// pinNeedles are a person's PIN and what the TPM compares.
func pinNeedles(t *testing.T, r *Room) []needle {
	t.Helper()
	id, err := enrolment.Load(r.Data)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := operators.Auth(id.PINSalt, "p1", []byte(PIN("p1")))
	if err != nil {
		t.Fatal(err)
	}
	defer auth.Destroy()
	return append(textNeedles("PIN", PIN("p1")), needle{"PIN's value", "as it is", bytes.Clone(auth.Bytes())})
}

// letterNeedles are the addresses, and pieces out of each page's contents in the
// PDFs (whose fonts are everybody's).
func letterNeedles(t *testing.T, r *Room) []needle {
	t.Helper()
	letters, err := mail.Letters(r.Options.Seed, r.Options.Letters, mail.Options{Canary: canary})
	if err != nil {
		t.Fatal(err)
	}
	all := textNeedles("address", canary)
	for i, l := range letters {
		for _, line := range l.Recipient[1:] {
			all = append(all, textNeedles("address", line)...)
		}
		rest := l.PDF
		for page := range l.Pages {
			_, after, ok := bytes.Cut(rest, []byte("stream\n"))
			if !ok {
				t.Fatalf("letter %d has no contents of page %d", i, page)
			}
			all = append(all, needle{"document", "PDF", after[200:232]}, needle{"document", "PDF", after[600:632]})
			rest = after
		}
	}
	return all
}

// printed are the documents that the printer has had.
func printed(t *testing.T, r *Room) [][]byte {
	t.Helper()
	var all [][]byte
	for _, p := range r.Printer.Printed() {
		data, err := os.ReadFile(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	return all
}

// rasterNeedles are pieces of lines of text as pixels, and as the printer got
// them.
func rasterNeedles(t *testing.T, r *Room) []needle {
	t.Helper()
	var all []needle
	for _, data := range printed(t, r) {
		for at := len(data) / 4; at < len(data); at += len(data) / 4 {
			all = append(all, inked("raster, packed", data[at:])...)
		}
		raster := pwg.NewReader(bytes.NewReader(data))
		for p, err := raster.Next(); err == nil; p, err = raster.Next() {
			for _, part := range []int{8, 4, 2} {
				all = append(all, inked("pixels", p.Pix[len(p.Pix)/part:])...)
			}
			all = append(all, previewNeedles(p)...)
		}
	}
	if len(all) < 4*3 {
		t.Fatalf("only %d pieces of print", len(all))
	}
	return all
}

// previewNeedles are pieces of what the window shows of a page, as the station
// gives it and as a window keeps it.
func previewNeedles(p pwg.Page) []needle {
	grey, ok := station.Reduce(render.Page{Width: p.Width, Height: p.Height, Colour: p.Colour, Pix: p.Pix}).(*image.Gray)
	if !ok {
		return nil // a letter in grey has the same address
	}
	var all []needle
	for _, part := range []int{8, 4, 2} {
		for _, n := range inked("preview", grey.Pix[len(grey.Pix)/part:]) {
			var shown []byte
			for _, v := range n.bytes[:overlap/4-1] {
				shown = append(shown, v, v, v, 0xff)
			}
			all = append(all, n, needle{n.secret, "preview, RGBA", shown})
		}
	}
	return all
}

// inked is the first piece of data with enough in it to be told from others.
func inked(form string, data []byte) []needle {
	const size, values = overlap / 4, 12
	for at := 0; at+size <= len(data); at += 16 {
		var seen [256]bool
		n := 0
		for _, v := range data[at : at+size] {
			if !seen[v] {
				seen[v] = true
				n++
			}
		}
		if n >= values {
			return []needle{{"document", form, data[at : at+size]}}
		}
	}
	return nil
}

func tell(t *testing.T, when string, all []found) {
	t.Helper()
	t.Logf("%s: %d places", when, len(all))
	for _, line := range counted(all) {
		t.Log(line)
	}
}
