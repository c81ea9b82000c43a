//go:build unix

package enrolment

import (
	"errors"
	"fmt"
	"os"
)

// syncDir makes a rename in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err == nil {
		err = errors.Join(d.Sync(), d.Close())
	}
	if err != nil {
		return fmt.Errorf("keep %s: %w", dir, err)
	}
	return nil
}
