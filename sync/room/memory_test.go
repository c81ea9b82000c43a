//go:build long

package room

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/pwg"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/vault/memory"
	"espero-soft.com/printroom/vault/operators"
)

// TestMemory searches the whole memory of the program at work, and of its
// renderers, for what only an unlocked station may hold. While it is unlocked,
// the keys lie in locked buffers alone. Once it is locked, and a moment has
// passed, nothing is left: neither PIN, nor keys, nor letters in any form, nor
// addresses.
func TestMemory(t *testing.T) {
	r, _ := openRoom(t, Options{Letters: 4, Canary: canary})
	w := work(t, r)
	secrets := append(pinNeedles(t, r), letterNeedles(t, r)...)
	wantHeld(t, "unlocked", search(t, w.PID(), secrets), "PIN's value")

	do(t, w, "claim")
	do(t, w, "print")
	claimed := claimNeedles(t, r, w.PID())
	secrets = append(secrets, claimed...)
	wantHeld(t, "after a batch", search(t, w.PID(), secrets), "PIN's value", "claim key")
	for range 3 { // four letters, of as many products
		do(t, w, "print")
	}
	if n := len(printed(t, r)); n != 4 {
		t.Fatalf("%d letters came out, want 4", n)
	}
	secrets = append(secrets, rasterNeedles(t, r)...)
	wantHeld(t, "printed", search(t, w.PID(), secrets), "PIN's value")

	lockOut(t, r)
	var left []found
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if left = search(t, w.PID(), secrets); len(left) == 0 {
			break
		}
	}
	tell(t, "locked", left)
	for _, f := range left {
		t.Errorf("%s is left in the locked program: %s, %s at %#x: %q", f.secret, f.form, f.kind, f.at, f.near)
	}
	quit(t, w)
}

// TestSearch: the searcher finds what is there, and says where.
func TestSearch(t *testing.T) {
	text := "Zyx" + fmt.Sprint(os.Getpid()) + "é"
	b, err := memory.New(1000)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Destroy()
	kinds := map[string]bool{}
	for _, n := range textNeedles("text", text) {
		copy(b.Bytes(), n.bytes)
		for _, f := range search(t, os.Getpid(), []needle{n}) {
			kinds[f.form+" "+f.kind] = true
		}
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = read.Close(), write.Close() }()
	if _, err := io.WriteString(write, text); err != nil {
		t.Fatal(err)
	}
	for _, f := range search(t, os.Getpid(), textNeedles("text", text)) {
		kinds[f.form+" "+f.kind] = true
	}
	for _, want := range []string{"UTF-8 locked buffer", "UTF-16LE locked buffer", "UTF-16BE locked buffer", "capitals locked buffer", "UTF-8 Go heap", "UTF-8 pipe"} {
		if !kinds[want] {
			t.Errorf("%s was not found in %v", want, kinds)
		}
	}
}

// wantHeld tells what was found while somebody is at work, and wants some
// secrets among it, each in locked buffers.
func wantHeld(t *testing.T, when string, all []found, secrets ...string) {
	t.Helper()
	tell(t, when, all)
	for _, s := range secrets {
		held := false
		for _, f := range all {
			held = held || f.secret == s && f.kind == "locked buffer"
		}
		if !held {
			t.Errorf("%s: no %s in a locked buffer: the search is blind", when, s)
		}
	}
}

func tell(t *testing.T, when string, all []found) {
	t.Helper()
	t.Logf("%s: %d places", when, len(all))
	for _, line := range counted(all) {
		t.Log(line)
	}
}

// lockOut locks the station as central does when a person leaves.
func lockOut(t *testing.T, r *Room) {
	t.Helper()
	if err := r.Central.RemovePerson(t.Context(), "p1"); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		_, out, _ := said(t, r, "", "status", "--json")
		if strings.Contains(out, `"unlocked":false`) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the station is not locked: %s", out)
		}
	}
}

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
		}
	}
	if len(all) < 4*3 {
		t.Fatalf("only %d pieces of print", len(all))
	}
	return all
}

// inked is the first piece of data with enough in it to be told from others.
func inked(form string, data []byte) []needle {
	const size, values = 64, 12
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
