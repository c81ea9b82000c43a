package settings

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ErrDataFolder marks a data folder that cannot be trusted with letters.
var ErrDataFolder = errors.New("settings: data folder refused")

// MakeDataFolder makes the data folder, 0700, where it is absent. A folder that
// is there must be a real one, ours, and closed to everyone else; it is not
// repaired, because what it holds may already have been read or replaced.
func MakeDataFolder(dir string) error {
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("%w: %s is not an absolute path", ErrDataFolder, dir)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return fmt.Errorf("%w: %w", ErrDataFolder, err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %w", ErrDataFolder, err)
	}
	return CheckDataFolder(dir)
}

// CheckDataFolder refuses a data folder as MakeDataFolder does, and makes none:
// one that is absent is os.ErrNotExist.
func CheckDataFolder(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDataFolder, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%w: %s is not a folder", ErrDataFolder, dir)
	}
	if err := private(info); err != nil {
		return fmt.Errorf("%w: %s %w", ErrDataFolder, dir, err)
	}
	return nil
}
