package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// fileTitle starts a file note. It is no origin, so no checkpoint starts so.
const fileTitle = "Bjet24 print room journal report, version 1"

// MaxFileNote bounds a file note's length in bytes.
const MaxFileNote = 2048

// ErrFileNote says that bytes are not a file note in the one form that is
// written, or not one of the given key.
var ErrFileNote = errors.New("not a signed note of a report")

// FileNote is what a station signs of a report that it made: its bytes, by
// digest, and where they come from. docs/journal.md, "Reports", is the format.
type FileNote struct {
	Log      string    // the log's origin, and the key's name
	Format   string    // a code: csv, json, pdf
	Made     time.Time // UTC, milliseconds
	Accesses int64     // how many the report lists
	Whole    bool      // whether the log was whole as far as the station knew
	Size     int64     // of the file in bytes
	SHA256   [sha256.Size]byte
}

// Text is the part of the note that is signed, its last newline included.
func (f FileNote) Text() string {
	state := "broken"
	if f.Whole {
		state = "whole"
	}
	return fmt.Sprintf("%s\nlog %s\nformat %s\nmade %s\naccesses %d\njournal %s\nsize %d\nsha256 %s\n",
		fileTitle, f.Log, f.Format, f.Made.UTC().Format(timeLayout), f.Accesses, state, f.Size,
		base64.StdEncoding.EncodeToString(f.SHA256[:]))
}

// ParseFileText reads what Text writes of valid values, and not a byte else.
// Errors wrap ErrFileNote.
func ParseFileText(text string) (FileNote, error) {
	f, err := parseFileText(text)
	if err == nil && f.Text() != text {
		err = errors.New("not in canonical form")
	}
	if err != nil {
		return FileNote{}, fmt.Errorf("%w: %w", ErrFileNote, err)
	}
	return f, nil
}

func parseFileText(text string) (f FileNote, err error) {
	lines := strings.Split(text, "\n")
	if len(text) > MaxFileNote || len(lines) != 9 || lines[0] != fileTitle {
		return f, errors.New("not of this version")
	}
	var values [7]string
	for i, key := range []string{"log ", "format ", "made ", "accesses ", "journal ", "size ", "sha256 "} {
		var ok bool
		if values[i], ok = strings.CutPrefix(lines[i+1], key); !ok {
			return f, fmt.Errorf("line %d is not its %s", i+2, strings.TrimSpace(key))
		}
	}
	f.Log, f.Format, f.Whole = values[0], values[1], values[4] == "whole"
	if !isName([]byte(f.Log)) || !isCode([]byte(f.Format)) || !isTime([]byte(values[2])) {
		return f, errors.New("a bad log, format or time")
	}
	if f.Made, err = time.Parse(timeLayout, values[2]); err != nil {
		return f, err
	}
	if f.Accesses, err = count(values[3]); err != nil {
		return f, err
	}
	if f.Size, err = count(values[5]); err != nil {
		return f, err
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(values[6])
	if err != nil || len(raw) != len(f.SHA256) {
		return f, errors.New("a bad digest")
	}
	copy(f.SHA256[:], raw)
	return f, nil
}

func count(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > MaxInteger {
		return 0, errors.New("a bad number")
	}
	return n, nil
}

// SignFile makes the note. The signer's name must be the log.
func SignFile(f FileNote, by note.Signer) ([]byte, error) {
	if _, err := ParseFileText(f.Text()); err != nil {
		return nil, err
	}
	if by.Name() != f.Log {
		return nil, fmt.Errorf("%w: the key is not the log's", ErrFileNote)
	}
	return note.Sign(&note.Note{Text: f.Text()}, by)
}

// OpenFileNote reads a note that carries exactly the given key's signature.
// Errors wrap ErrFileNote.
func OpenFileNote(signed []byte, key note.Verifier) (FileNote, error) {
	if len(signed) > MaxFileNote {
		return FileNote{}, fmt.Errorf("%w: longer than %d bytes", ErrFileNote, MaxFileNote)
	}
	n, err := note.Open(signed, note.VerifierList(key))
	if err != nil {
		return FileNote{}, fmt.Errorf("%w: %w", ErrFileNote, err)
	}
	// Repeated signatures are dropped by the one who reads them; here they are too many.
	if len(n.Sigs) != 1 || bytes.Count(signed[len(n.Text):], []byte("\n")) != 2 {
		return FileNote{}, fmt.Errorf("%w: not one signature", ErrFileNote)
	}
	f, err := ParseFileText(n.Text)
	if err == nil && f.Log != key.Name() {
		err = fmt.Errorf("%w: the key is not the log's", ErrFileNote)
	}
	return f, err
}

// File reads a report to its end and compares it with its note. A file that is
// not the one that was signed is an ErrRefused; its memory is flat.
func File(r io.Reader, signed []byte, keys Keys) (FileNote, error) {
	f, err := OpenFileNote(signed, keys.Station)
	if err != nil {
		return FileNote{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	h := sha256.New()
	size, err := io.Copy(h, r)
	switch {
	case err != nil:
		return f, fmt.Errorf("read the report: %w", err)
	case size != f.Size:
		return f, fmt.Errorf("%w: it has %d bytes and %d were signed", ErrRefused, size, f.Size)
	case !bytes.Equal(h.Sum(nil), f.SHA256[:]):
		return f, fmt.Errorf("%w: its bytes are not those that were signed", ErrRefused)
	}
	return f, nil
}
