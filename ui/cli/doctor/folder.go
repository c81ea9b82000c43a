package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/vault/techlog"
)

const (
	freeBad    = 256 << 20 // bytes: a claim's letters and the journal want more
	freeWarn   = 2 << 30
	crashesFor = 30 * 24 * time.Hour // how long a crash is news
)

// folder looks at the data folder, and reports whether it can be read.
func (e *exam) folder() bool {
	dir := e.settings.DataDir
	err := settings.CheckDataFolder(dir)
	if errors.Is(err, os.ErrNotExist) {
		e.say(DataFolder, OK, dir+" (made at the first start)")
		e.disk(existing(dir))
		return true
	}
	e.judge(DataFolder, err, Bad, dir)
	if err != nil {
		return false
	}
	e.instance(dir)
	e.disk(dir)
	e.crashes(filepath.Join(dir, "log"))
	return true
}

func (e *exam) instance(dir string) {
	ctx, cancel := context.WithTimeout(context.Background(), e.Patience)
	defer cancel()
	var ignored any
	if instance.Status(ctx, dir, &ignored) == nil {
		e.say(Instance, OK, "the program is running")
		return
	}
	e.say(Instance, OK, "the program is not running")
}

// existing is the folder itself or the nearest one above it that is there.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); err == nil || filepath.Dir(dir) == dir {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

func (e *exam) disk(dir string) {
	free, known, err := freeSpace(dir)
	switch {
	case err != nil:
		e.bad(Disk, fmt.Errorf("ask for the free space of %s: %w", dir, err))
	case !known:
	case free < freeBad:
		e.say(Disk, Bad, megabytes(free)+" free in "+dir)
	case free < freeWarn:
		e.say(Disk, Warn, megabytes(free)+" free in "+dir)
	default:
		e.say(Disk, OK, megabytes(free)+" free in "+dir)
	}
}

func megabytes(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

func (e *exam) crashes(dir string) {
	found, err := techlog.Crashes(dir)
	switch {
	case err != nil:
		e.fail(Crashes, Warn, err)
	case len(found) == 0:
		e.say(Crashes, OK, "none on record")
	case e.Now().Sub(found[0].At) < crashesFor:
		e.say(Crashes, Warn, fmt.Sprintf("%d, the last on %s: %s", len(found), found[0].At.Format(time.DateOnly), found[0].Path))
	default:
		e.say(Crashes, OK, fmt.Sprintf("%d, the last on %s", len(found), found[0].At.Format(time.DateOnly)))
	}
}
