package central

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/sync/wire"
)

// documentDir holds sealed documents and receipts' pictures, one file each, named by a random id.
const documentDir = "documents"

// writeFile makes path with mode 0600, whole and durable or not at all.
func writeFile(path string, content []byte) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".new-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}

func (c *Central) documentPath(id wire.UUID) string {
	return filepath.Join(c.config.Dir, documentDir, id)
}

// sweepDocuments removes files that no row names, as their transaction never committed, and those of
// letters that were erased.
func (c *Central) sweepDocuments(ctx context.Context) error {
	files, err := os.ReadDir(filepath.Join(c.config.Dir, documentDir))
	if err != nil {
		return fmt.Errorf("list documents: %w", err)
	}
	for _, f := range files {
		var n int
		err := c.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM jobs WHERE document = ?1 AND wrapped_dek <> x'')
			+ (SELECT count(*) FROM receipts WHERE image = ?1)`, f.Name()).Scan(&n)
		if err != nil {
			return fmt.Errorf("look up document: %w", err)
		}
		if n > 0 {
			continue
		}
		if err := os.Remove(filepath.Join(c.config.Dir, documentDir, f.Name())); err != nil {
			return fmt.Errorf("sweep documents: %w", err)
		}
	}
	return nil
}
