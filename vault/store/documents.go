package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Documents are kept beside the database, one file a job, as they came:
// ciphertext. A job's file is complete once it has its final name.

func (s *Store) documents() string { return filepath.Join(s.dir, "documents") }

// DocumentPath is where a job's sealed document is. The id must have been
// checked: it becomes a file name.
func (s *Store) DocumentPath(job string) string {
	return filepath.Join(s.documents(), job+".sealed")
}

// HasDocument tells whether a job's document is here, whole.
func (s *Store) HasDocument(job string) bool {
	_, err := os.Stat(s.DocumentPath(job))
	return err == nil
}

// Document reads a job's sealed document.
func (s *Store) Document(job string) ([]byte, error) {
	data, err := os.ReadFile(s.DocumentPath(job))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the document of job %s: %w", job, errors.Join(ErrNotFound, err))
	}
	if err != nil {
		return nil, fmt.Errorf("read the document of job %s: %w", job, err)
	}
	return data, nil
}
