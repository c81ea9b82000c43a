package store

import (
	"errors"
	"testing"
)

// TestOneProgramADataFolder: another program would take the letters that this
// one is sending for what a crash left behind.
func TestOneProgramADataFolder(t *testing.T) {
	dir := t.TempDir()
	first := open(t, dir)
	if second, err := Open(t.Context(), dir, nil); !errors.Is(err, ErrInUse) {
		t.Errorf("the folder was opened twice: %v, %v", second, err)
	}
	check(t, first.Close())
	open(t, dir)
}
