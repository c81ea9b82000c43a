package viewmodel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/files"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// Archived is what became of an export of the journal itself.
type Archived struct {
	Path     string
	Keys     string       // the path of the keys to check it with
	Span     journal.Span // what is in it
	Unsealed int64        // entries at the end of the journal that no countersignature covers
}

// exporting is work whose files leave the station; it returns what to show of
// them.
type exporting func(context.Context) (show func(), err error)

// Export writes what is selected to a file, once another person agrees where the
// room's policy wants one.
func (j *Journal) Export(f report.Format, path string, words func(key string) string) {
	wish := review.Export{Filter: j.rowFilter(), Format: f, Path: path, Words: words}
	j.export(func(ctx context.Context) (func(), error) {
		got, err := j.desk.ExportAccesses(ctx, wish)
		return func() { j.Exported = &got }, err
	})
}

// Archive writes the journal itself, whole or of a month, and the keys beside
// it, once another person agrees where the room's policy wants one.
func (j *Journal) Archive(path string, s journal.Span) {
	j.export(func(ctx context.Context) (func(), error) {
		got, err := archive(ctx, j.desk, path, s)
		return func() { j.Archived = &got }, err
	})
}

// KeysBeside is where the keys to check an export lie.
func KeysBeside(path string) string { return strings.TrimSuffix(path, ".jsonl") + ".vkey" }

func archive(ctx context.Context, desk Reviewer, path string, s journal.Span) (Archived, error) {
	a := Archived{Path: path, Keys: KeysBeside(path), Span: s}
	if err := errors.Join(vacant(a.Path), vacant(a.Keys)); err != nil {
		return a, err
	}
	return a, files.Replace(a.Path, func(entries io.Writer) error {
		return files.Replace(a.Keys, func(keys io.Writer) (err error) {
			a.Unsealed, err = desk.ExportJournal(ctx, entries, keys, s)
			return err
		})
	})
}

// vacant is nil when there is no such file.
func vacant(path string) error {
	_, err := os.Lstat(path)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s", review.ErrExists, path)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// export does the work at once, or asks for a second person first.
func (j *Journal) export(work exporting) {
	if j.Exporting || !j.Permitted || j.Consent != nil {
		return
	}
	j.Exported, j.Archived, j.Fault = nil, nil, nil
	if AsksSecond(j.policy, wire.ActJournalExport) {
		j.wish, j.Consent = work, newConsent(j.asks, j.staff, j.who, func() { j.Changed() })
		j.Changed()
		return
	}
	j.Exporting = true
	who := j.who
	j.asks.run(func(ctx context.Context) func() {
		show, err := work(ctx)
		return func() {
			if j.who == who {
				j.exported(show, err)
			}
		}
	})
	j.Changed()
}

// exported shows what came of an export.
func (j *Journal) exported(show func(), err error) {
	j.Exporting = false
	if j.Fault = journalFault(err); err == nil {
		show()
	}
	j.settleOwn()
	j.Changed()
}

// Agree writes the file with the second person's PIN. It takes pin over and
// wipes it in any case.
func (j *Journal) Agree(pin []byte) {
	c := j.Consent
	if c == nil || !c.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	j.Exporting = true
	var show func()
	approved, work := false, j.wish
	c.run(pin, func(ctx context.Context, second *station.Second) (err error) {
		if err = j.desk.Approve(ctx, wire.ActJournalExport, "", second); err != nil {
			return err
		}
		approved = true
		show, err = work(ctx)
		return err
	}, func(err error) {
		if j.Consent != c {
			return // somebody else is here by now
		}
		if j.Exporting = false; approved { // what follows is no matter of the PIN
			j.Consent = nil
			j.exported(show, err)
		}
	})
}

// LeaveExport gives the export up that another person was asked for; false when
// there is none.
func (j *Journal) LeaveExport() bool {
	if j.Consent == nil {
		return false
	}
	if !j.Consent.Busy {
		j.Consent = nil
		j.Changed()
	}
	return true
}
