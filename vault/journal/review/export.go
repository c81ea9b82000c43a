package review

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/verify"
)

// Export is a wish for a report.
type Export struct {
	Filter journal.Filter
	Format report.Format
	Path   string                  // of the file; its note goes to Path + NoteSuffix
	Words  func(key string) string // of a PDF, see report.Keys
}

// NoteSuffix ends the name of a report's note.
const NoteSuffix = ".note"

// Exported is what became of it.
type Exported struct {
	Path     string
	Note     string // the note's path
	Accesses int64
	Size     int64
}

// ExportAccesses writes a report of a selection and its signed note, for the
// person's eyes alone until they give it away. No file has its name before the
// export is in the journal.
func (d *Desk) ExportAccesses(ctx context.Context, e Export) (Exported, error) {
	p, err := d.allowed(ctx)
	if err != nil {
		return Exported{}, err
	}
	if err := errors.Join(vacant(e.Path), vacant(e.Path+NoteSuffix)); err != nil {
		return Exported{}, err
	}
	if err := d.agreed(); err != nil {
		return Exported{}, err
	}
	body, err := newDraft(e.Path)
	if err != nil {
		return Exported{}, err
	}
	defer body.discard()
	about, err := d.write(ctx, body, e, p)
	if err != nil {
		return Exported{}, err
	}
	signed, err := d.journal.Attest(about)
	if err != nil {
		return Exported{}, err
	}
	note, err := newDraft(e.Path + NoteSuffix)
	if err != nil {
		return Exported{}, err
	}
	defer note.discard()
	if _, err := note.Write(signed); err != nil {
		return Exported{}, err
	}
	access := journal.Access{
		Actor: p.Pseudonym, Action: journal.ActionExport,
		Object: "report-" + hex.EncodeToString(about.SHA256[:16]), Reason: string(e.Format),
	}
	err = finish(func() error { return d.journal.Record(ctx, access, journal.OutcomeDone) }, note, body)
	return Exported{Path: e.Path, Note: e.Path + NoteSuffix, Accesses: about.Accesses, Size: about.Size}, err
}

// vacant is nil when there is no such file.
func vacant(path string) error {
	_, err := os.Lstat(path)
	if err == nil {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// write writes the report and tells what its note has to say.
func (d *Desk) write(ctx context.Context, w io.Writer, e Export, p Person) (verify.FileNote, error) {
	hours, err := d.journal.Hours(ctx, e.Filter)
	if err != nil {
		return verify.FileNote{}, err
	}
	digest, count := sha256.New(), &counter{}
	accesses, err := report.Write(io.MultiWriter(w, digest, count), e.Format, report.Content{
		Log: d.journal.Log(), Made: d.now(), By: p.Pseudonym, Filter: e.Filter, Status: d.journal.Status(), Start: d.journal.Start(),
		Hours: hours, Zone: d.zone, Rows: d.rows(ctx, e.Filter), Words: e.Words,
	})
	return verify.FileNote{
		Format: string(e.Format), Accesses: accesses, Size: count.n, SHA256: [sha256.Size]byte(digest.Sum(nil)),
	}, err
}

// finish makes the files durable, then the entry, then gives the files their
// names.
func finish(entry func() error, files ...*fileDraft) error {
	for _, f := range files {
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	if err := entry(); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Rename(f.Name(), f.path); err != nil {
			return err
		}
	}
	return nil
}

// rows are the accesses of a selection, oldest first, as far as there are any
// now: what is written meanwhile is not in it.
func (d *Desk) rows(ctx context.Context, f journal.Filter) iter.Seq2[journal.Row, error] {
	last := d.journal.Size()
	return func(yield func(journal.Row, error) bool) {
		for after := int64(0); ; {
			rows, err := d.journal.Since(ctx, f, after, journal.MaxRows)
			if err != nil {
				yield(journal.Row{}, err)
				return
			}
			for _, r := range rows {
				if r.Sequence > last || !yield(r, nil) {
					return
				}
				after = r.Sequence
			}
			if len(rows) < journal.MaxRows {
				return
			}
		}
	}
}

type counter struct{ n int64 }

// Write is io.Writer's.
func (c *counter) Write(b []byte) (int, error) {
	c.n += int64(len(b))
	return len(b), nil
}

// fileDraft is a file that has not got its name yet.
type fileDraft struct {
	*os.File
	path string
}

func newDraft(path string) (*fileDraft, error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*") // 0600
	if err != nil {
		return nil, fmt.Errorf("write a report: %w", err)
	}
	return &fileDraft{f, path}, nil
}

// discard removes what has not got its name; harmless after it has.
func (f *fileDraft) discard() {
	_ = f.Close()
	_ = os.Remove(f.Name()) // gone when it was renamed
}
