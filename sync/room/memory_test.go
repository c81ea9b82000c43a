//go:build long

package room

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/memory"
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
