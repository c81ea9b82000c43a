package station

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/vault/journal"
)

// Inbox is the watched folder that a scanner puts receipts in.
type Inbox struct {
	Folder string
	Files  []Incoming // those no receipt was made of yet, oldest first
	Fault  *Fault     // why the folder can't be read, nil when it can
}

// Incoming is one picture in the watched folder.
type Incoming struct {
	Path string
	Size int64
	At   time.Time
}

const (
	inboxEvery = time.Second
	inboxFiles = 500 // more are seen when these are gone
)

// WatchReceipts looks into a folder every second, until ctx ends, for pictures
// of receipts and shows them in the snapshot; "" watches nothing. A picture that
// a receipt was made of is no longer shown, and its file is removed once central
// has acknowledged every receipt of it: until then it is the one copy outside
// this station. A file of which no receipt was made is left alone for ever.
func (s *Station) WatchReceipts(ctx context.Context, folder string) {
	if folder == "" {
		return
	}
	w := &watcher{station: s, folder: folder, seen: map[string]sighting{}, delete: os.Remove}
	tick := time.NewTicker(inboxEvery)
	defer tick.Stop()
	for {
		w.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watcher belongs to the goroutine that runs WatchReceipts.
type watcher struct {
	station *Station
	folder  string
	seen    map[string]sighting // by path
	delete  func(path string) error
}

// sighting is a file as it was at the last look. Its digest is taken once it has
// not changed between two: a scanner may still be writing.
type sighting struct {
	Incoming
	digest string
	stays  bool // it could not be removed: it is not tried again until it changes
}

func (w *watcher) look(ctx context.Context) {
	inbox := Inbox{Folder: w.folder}
	files, err := pictures(w.folder)
	if err != nil {
		inbox.Fault = &Fault{Code: FolderUnreadable, Err: err}
	}
	now := make(map[string]sighting, len(files))
	for _, f := range files {
		before, known := w.seen[f.Path]
		if !known || !same(before.Incoming, f) {
			now[f.Path] = sighting{Incoming: f}
			continue
		}
		if ctx.Err() != nil {
			return
		}
		if before.digest == "" {
			before.digest = digestOf(f)
		}
		if !w.done(ctx, &before) {
			inbox.Files = append(inbox.Files, f)
		}
		now[f.Path] = before
	}
	w.seen = now
	w.station.showInbox(inbox)
}

func same(a, b Incoming) bool { return a.Size == b.Size && a.At.Equal(b.At) }

// done tells whether a receipt was made of a file. It removes the file when
// nothing hangs on it any more.
func (w *watcher) done(ctx context.Context, f *sighting) bool {
	if f.digest == "" {
		return false
	}
	ids, told, err := w.station.cfg.Store.ReceiptsFrom(ctx, f.digest)
	if err != nil || len(ids) == 0 {
		return false
	}
	if told && !f.stays {
		if err := w.remove(ctx, *f, ids[len(ids)-1]); err != nil {
			f.stays = true
			w.station.cfg.Log.Info("receipt_file_stays", "code", string(FolderUnreadable), "error", err)
		}
	}
	return true
}

// remove deletes the file whose digest was taken, and no other that took its
// name meanwhile. That it could not is journaled as well: a folder that nothing
// can be removed from is one more entry, not one a second.
func (w *watcher) remove(ctx context.Context, f sighting, id string) error {
	if digestOf(f.Incoming) != f.digest {
		return errors.New("the file has changed")
	}
	a := journal.Access{Action: journal.ActionPurge, Object: id, Reason: "original"}
	if err := w.record(ctx, a, journal.OutcomeDone); err != nil {
		return err
	}
	err := w.delete(f.Path)
	if err != nil {
		err = errors.Join(err, w.record(ctx, a, journal.OutcomeFailed))
	}
	return err
}

func (w *watcher) record(ctx context.Context, a journal.Access, o journal.Outcome) error {
	err := w.station.cfg.Journal.Record(ctx, a, o)
	w.station.JournalReport(err)
	w.station.tell()
	return err
}

// pictures lists the regular files of a folder that are called like pictures.
func pictures(folder string) (found []Incoming, err error) {
	dir, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, dir.Close()) }()
	for {
		entries, err := dir.ReadDir(256)
		if errors.Is(err, io.EOF) || err == nil && len(entries) == 0 {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if !e.Type().IsRegular() || !PictureName(e.Name()) {
				continue
			}
			if info, err := e.Info(); err == nil { // else it has just gone
				found = append(found, Incoming{Path: filepath.Join(folder, e.Name()), Size: info.Size(), At: info.ModTime()})
			}
		}
	}
	slices.SortFunc(found, func(a, b Incoming) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Path, b.Path)) })
	return found[:min(len(found), inboxFiles)], nil
}

// PictureName tells whether a file is called like a picture that can be read.
func PictureName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".png", ".jpg", ".jpeg", ".tif", ".tiff":
		return !strings.HasPrefix(name, ".")
	}
	return false
}

// digestOf is the SHA-256 of a file in hexadecimal, "" for one that can't be
// read or is too large to be a receipt.
func digestOf(f Incoming) string {
	if f.Size > receipt.MaxBytes { // else it were read at every look
		return ""
	}
	file, err := ReadPicture(f.Path)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:])
}

// ReadPicture reads a file that may be a receipt's picture; one that is larger
// than any may be, or no regular file, is refused.
func ReadPicture(path string) (data []byte, err error) {
	unreadable := func(err error) error { return &Fault{Code: FileUnreadable, Err: err} }
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would block the open
	if err != nil {
		return nil, unreadable(err)
	}
	info, err := f.Stat() // of what is open: the name may be another file's by now
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no file", path)
	}
	if err == nil {
		data, err = io.ReadAll(io.LimitReader(f, receipt.MaxBytes+1))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, unreadable(err)
	}
	if len(data) > receipt.MaxBytes {
		return nil, &Fault{Code: ReceiptUnreadable, Err: &receipt.TooLargeError{What: "bytes", Have: len(data), Max: receipt.MaxBytes}}
	}
	return data, nil
}

// showInbox puts the watched folder into the snapshot, if it changed.
func (s *Station) showInbox(inbox Inbox) {
	s.mu.Lock()
	was := s.inbox
	unchanged := was != nil && code(was.asError()) == code(inbox.asError()) && slices.EqualFunc(was.Files, inbox.Files,
		func(a, b Incoming) bool { return a.Path == b.Path && same(a, b) })
	s.mu.Unlock()
	if !unchanged {
		s.change(func() { s.inbox = &inbox }) // replaced as a whole, never written to
	}
}

func (i *Inbox) asError() error {
	if i.Fault == nil {
		return nil
	}
	return i.Fault
}
