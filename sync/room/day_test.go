package room

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"espero-soft.com/printroom/vault/journal/verify"
)

const canary = "Zyxomma Quaggabloem"

func TestDay(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary) // the program's, too
	r, _ := openRoom(t, Options{Letters: 3, Canary: canary})
	out := t.TempDir()
	if err := (&Day{Room: r, Out: out, Log: io.Discard}).Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	count, err := r.Count(t.Context(), out)
	if err != nil {
		t.Fatal(err)
	}
	if err := count.Check(); err != nil {
		t.Error(err)
	}
	want := fmt.Sprintf("demo: 3 paid, 3 printed, 3 dropped off, 0 rejected, 0 cancelled, 0 lost, 0 duplicated; journal: %d entries, verified, countersigned, the same at central", count.Journal.Entries)
	if got := count.String(); got != want || count.Journal.Entries < 23 {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	t.Run("nothing personal on the disk", func(t *testing.T) { noCanary(t, r, temporary) })
	t.Run("the technical log keeps what the program says", func(t *testing.T) { fullLog(t, r) })
	t.Run("a flipped byte of the export is refused", func(t *testing.T) { flips(t, out) })
}

// noCanary looks for the canary in every file that the program, central and
// the TPM left. The printer's folder is left out: it is the paper.
func noCanary(t *testing.T, r *Room, temporary string) {
	t.Helper()
	var wide []byte
	for _, u := range utf16.Encode([]rune(canary)) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	first, _, _ := strings.Cut(canary, " ")
	needles := [][]byte{[]byte(canary), []byte(first), wide, []byte(strings.ToUpper(canary))}
	files := 0
	for _, root := range []string{r.Options.Dir, temporary} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && path == filepath.Join(r.Options.Dir, "printer") {
				return fs.SkipDir
			}
			if !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(path)
			files++
			for _, n := range needles {
				if bytes.Contains(data, n) {
					t.Errorf("%s holds %q", path, n)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 10 {
		t.Errorf("only %d files were looked at", files)
	}
}

// fullLog looks for what the log's allow-list took away: on an ordinary day, nothing.
func fullLog(t *testing.T, r *Room) {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(r.Data, "log", "printroom.log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(log)) {
		if strings.Contains(line, "refused") {
			t.Error(line)
		}
	}
	if n := strings.Count(string(log), `"msg":"moved"`); n < 3*5 {
		t.Errorf("%d changes of three letters", n)
	}
}

// flips changes each byte of the export in turn.
func flips(t *testing.T, out string) {
	t.Helper()
	export, err := os.ReadFile(filepath.Join(out, "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "journal.vkey"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := verify.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify.Export(bytes.NewReader(export), keys, verify.Options{}); err != nil {
		t.Fatal(err)
	}
	for i := range export {
		for _, bit := range []byte{0x01, 0x20, 0x80} {
			export[i] ^= bit
			if _, err := verify.Export(bytes.NewReader(export), keys, verify.Options{}); err == nil {
				t.Errorf("byte %d changed by %#x: accepted", i, bit)
			}
			export[i] ^= bit
		}
	}
}
