package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// remade is a file that follows from the entries and is made again when it is
// missing, of another version or damaged.
type remade struct {
	path   string
	schema string
	db     *database // nil until ready
}

// ready opens the file unless it is open, and starts a new one in the place of
// a damaged one.
func (r *remade) ready(ctx context.Context) error {
	if r.db != nil {
		return nil
	}
	var err error
	r.db, err = openDatabase(ctx, r.path, false, r.schema)
	if errors.Is(err, ErrBroken) {
		return r.restart(ctx)
	}
	return err
}

// sound calls catchUp and use, and does both again on a new file when the
// present one turns out to be damaged.
func (r *remade) sound(ctx context.Context, catchUp, use func() error) error {
	try := func() error {
		if err := r.ready(ctx); err != nil {
			return err
		}
		if err := catchUp(); err != nil {
			return err
		}
		return use()
	}
	err := try()
	if !errors.Is(err, errTree) {
		return err
	}
	if err := r.restart(ctx); err != nil {
		return err
	}
	return try()
}

// restart throws the file away and starts an empty one.
func (r *remade) restart(ctx context.Context) error {
	if err := r.remove(); err != nil {
		return err
	}
	var err error
	r.db, err = openDatabase(ctx, r.path, false, r.schema)
	return err
}

// remove throws the file away.
func (r *remade) remove() error {
	if r.db != nil {
		_ = r.db.close() // it is thrown away
		r.db = nil
	}
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(r.path + suffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrIO, err)
		}
	}
	return nil
}

// replace takes a file that was made aside in the place of this one.
func (r *remade) replace(ctx context.Context, aside *remade) error {
	// The last connection's end leaves one file.
	err := aside.close()
	aside.db = nil
	if err != nil {
		return errors.Join(treeError(err), aside.remove())
	}
	if err := r.remove(); err != nil {
		return err
	}
	if err := os.Rename(aside.path, r.path); err != nil {
		return fmt.Errorf("%w: %w", ErrIO, err)
	}
	return r.ready(ctx)
}

func (r *remade) close() error {
	if r.db == nil {
		return nil
	}
	return r.db.close()
}
