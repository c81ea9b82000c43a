// Package habits keeps how each person likes the window in small files of the
// user's own, one a person, under the pseudonym's digest. They hold no word of
// any letter.
package habits

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/ui/files"
)

// Habits are how a person left the window.
type Habits struct {
	Width      int    `json:"width,omitempty"` // of the window, in the toolkit's units; 0 for never set
	Height     int    `json:"height,omitempty"`
	Screen     string `json:"screen,omitempty"` // name of the screen in sight
	Brightness string `json:"brightness,omitempty"`
	TextSize   int    `json:"text_size,omitempty"` // percent
	Language   string `json:"language,omitempty"`
	Muted      bool   `json:"muted,omitempty"` // no desktop notifications
	// Screens are each screen's own, such as the column that a table is sorted by.
	Screens map[string]map[string]string `json:"screens,omitempty"`
}

// longest is how many bytes of a file are read; ours have some hundred.
const longest = 64 << 10

// largest is how wide or high a window may be that is made again: a display
// refuses one that is larger, or ends the program.
const largest = 16384

// Folder keeps habits as files. Its methods may be called from several
// goroutines, for one person from one at a time.
type Folder struct {
	Dir string
	// Log is told of a file that can't be read, which counts as none; nil for
	// nobody.
	Log func(err error)
}

// Recall returns the habits of a person, none when nothing is known.
func (f Folder) Recall(pseudonym string) Habits {
	var h Habits
	err := f.read(f.path(pseudonym), &h)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		return h
	}
	if f.Log != nil {
		f.Log(fmt.Errorf("read how the window was left: %w", err))
	}
	return Habits{}
}

func (f Folder) read(path string, h *Habits) (err error) {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	data, err := io.ReadAll(io.LimitReader(file, longest+1))
	if err != nil {
		return err
	}
	if len(data) > longest {
		return fmt.Errorf("%s has more than %d bytes", path, longest)
	}
	if err := json.Unmarshal(data, h); err != nil {
		return err
	}
	if h.Width < 0 || h.Width > largest || h.Height < 0 || h.Height > largest {
		return fmt.Errorf("%s: a window of %d × %d", path, h.Width, h.Height)
	}
	return nil
}

// Remember writes the habits of a person, whole or not at all.
func (f Folder) Remember(pseudonym string, h Habits) error {
	data, err := json.Marshal(h)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return fmt.Errorf("keep how the window was left: %w", err)
	}
	if err := files.Replace(f.path(pseudonym), files.Bytes(append(data, '\n'))); err != nil {
		return fmt.Errorf("keep how the window was left: %w", err)
	}
	return nil
}

// path is the file of a person: a pseudonym may have any characters.
func (f Folder) path(pseudonym string) string {
	sum := sha256.Sum256([]byte(pseudonym))
	return filepath.Join(f.Dir, hex.EncodeToString(sum[:12])+".json")
}
