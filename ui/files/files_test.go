package files_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/ui/files"
)

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestReplace: what others could read before they can't any more, and a link
// leads nowhere.
func TestReplace(t *testing.T) {
	dir := t.TempDir()
	open, link, other := filepath.Join(dir, "open"), filepath.Join(dir, "link"), filepath.Join(dir, "other")
	noError(t, os.WriteFile(open, []byte("old"), 0o644))
	noError(t, os.WriteFile(other, []byte("old"), 0o644))
	noError(t, os.Symlink(other, link))
	for _, path := range []string{open, link, filepath.Join(dir, "new")} {
		noError(t, files.Replace(path, files.Bytes([]byte("new"))))
		info, err := os.Lstat(path)
		noError(t, err)
		if text, err := os.ReadFile(path); err != nil || string(text) != "new" || info.Mode() != 0o600 {
			t.Errorf("%s: %q, %v, %v", path, text, info.Mode(), err)
		}
	}
	if text, err := os.ReadFile(other); err != nil || string(text) != "old" {
		t.Errorf("behind the link: %q, %v", text, err)
	}
}

// TestNothingIsLost: after an error there is what there was, and nothing else.
func TestNothingIsLost(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "kept")
	noError(t, os.WriteFile(path, []byte("old"), 0o600))
	failed := errors.New("no more")
	err := files.Replace(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, failed)
	})
	if text, rerr := os.ReadFile(path); rerr != nil || string(text) != "old" || !errors.Is(err, failed) {
		t.Errorf("%q, %v, %v", text, rerr, err)
	}
	if err := files.Replace(filepath.Join(dir, "none", "x"), files.Bytes(nil)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}
