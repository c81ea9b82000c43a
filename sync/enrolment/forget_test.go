package enrolment

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// withFormer gives an enrolled folder the journals of earlier enrolments, as far as
// their folders go.
func withFormer(t *testing.T, names ...string) (h *Holder, dir string) {
	t.Helper()
	r := newRoom(t)
	_, dir = r.enrolled(t)
	id, err := Load(dir)
	noError(t, err)
	for _, name := range names {
		noError(t, os.MkdirAll(filepath.Join(dir, name), 0o700))
		noError(t, os.WriteFile(filepath.Join(dir, name, "journal.db"), []byte("entries"), 0o600))
		id.Predecessors = append(id.Predecessors, Predecessor{Log: "bjet24.example/room/" + name, Dir: name, Key: []byte("key"), Witness: "w+1+AAAA", Size: 3})
	}
	noError(t, id.Save(dir))
	return hold(t, dir), dir
}

func gone(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// note is a checkpoint of so many entries, as far as it is read here.
func note(size string) []byte {
	return []byte("bjet24.example/room/journal-1\n" + size + "\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— bjet24.example/room/journal-1 " + strings.Repeat("A", 104) + "\n")
}

// TestForgottenJournal: its folder is gone, and its final checkpoint stays in the
// identity with the keys to check it by.
func TestForgottenJournal(t *testing.T) {
	h, dir := withFormer(t, "journal-1", "journal-2")
	if _, err := checkpoint.ParseCheckpoint(note("5")); err != nil {
		t.Fatal(err)
	}
	noError(t, h.Forget("journal-1", note("5")))
	noError(t, h.Forget("journal-1", nil)) // it is
	noError(t, h.Forget("", nil))
	if !gone(t, filepath.Join(dir, "journal-1")) || gone(t, filepath.Join(dir, "journal-2")) {
		t.Error("not the right folder is gone")
	}
	wantKept(t, h, dir)
	p := h.Identity().Predecessors
	if p[0].Dir != "" || p[0].Checkpoint != string(note("5")) || string(p[0].Key) != "key" || p[1].Dir != "journal-2" {
		t.Errorf("kept is %+v", p)
	}
	noError(t, h.Forget("journal-2", nil)) // never countersigned
	if p := h.Identity().Predecessors; p[1].Checkpoint != "" || !gone(t, filepath.Join(dir, "journal-2")) {
		t.Errorf("kept is %+v", p)
	}
}

// TestOlderCheckpoint: central's word of more entries is not lost to an older one.
func TestOlderCheckpoint(t *testing.T) {
	for _, c := range []struct {
		known string
		now   []byte
		later bool
	}{
		{"", note("5"), true}, {string(note("4")), note("5"), true}, {string(note("5")), note("4"), false},
		{string(note("5")), nil, false}, {"", nil, false}, {"", []byte("x"), false},
	} {
		if got := later(c.known, c.now); got != c.later {
			t.Errorf("%.40q then %.40q: %v", c.known, c.now, got)
		}
	}
}

// TestForgettingIsGoneOnWith: what was broken off is finished at the next start.
func TestForgettingIsGoneOnWith(t *testing.T) {
	h, dir := withFormer(t, "journal-1")
	id := h.Identity()
	id.Predecessors[0].Dir, id.Forgetting = "", "journal-1"
	noError(t, id.Save(dir))
	h = hold(t, dir)
	if !gone(t, filepath.Join(dir, "journal-1")) || h.Identity().Forgetting != "" {
		t.Errorf("still forgetting %q", h.Identity().Forgetting)
	}
	id = h.Identity()
	id.Forgetting = "../elsewhere"
	noError(t, id.Save(dir))
	if _, err := Load(dir); err == nil {
		t.Error("another folder may be named")
	}
}
