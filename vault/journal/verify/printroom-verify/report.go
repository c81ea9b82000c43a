package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

// report checks a report and tells the finding, which is also the error.
func (q request) report(stdin io.Reader, stdout io.Writer) error {
	keys, err := readKeys(q.keys[0])
	if err != nil {
		return err
	}
	signed, err := readSmall(q.note, verify.MaxFileNote)
	if err != nil {
		return err
	}
	var n verify.FileNote
	found := read(q.names[0], stdin, func(r io.Reader) error {
		n, err = verify.File(r, signed, keys)
		return err
	})
	if found != nil && !errors.Is(found, verify.ErrRefused) {
		return found
	}
	if err := writeNote(stdout, n, found, q.asJSON); err != nil {
		return err
	}
	return found
}

// finding is the report on a report, as JSON.
type finding struct {
	OK       bool       `json:"ok"`
	Log      string     `json:"log,omitempty"`
	Format   string     `json:"format,omitempty"`
	Made     *time.Time `json:"made,omitempty"`
	Accesses int64      `json:"accesses"`
	Whole    bool       `json:"journal_whole"`
	Size     int64      `json:"size"`
	SHA256   string     `json:"sha256,omitempty"`
	What     string     `json:"what,omitempty"`
}

func writeNote(w io.Writer, n verify.FileNote, fault error, asJSON bool) error {
	if !asJSON {
		if fault != nil {
			_, err := fmt.Fprintf(w, "REFUSED  %v\n", fault)
			return err
		}
		state := ""
		if !n.Whole {
			state = "; the journal was broken then"
		}
		_, err := fmt.Fprintf(w, "OK  %s: a report (%s) of %d accesses, made %s%s\n",
			n.Log, n.Format, n.Accesses, n.Made.Format(time.RFC3339), state)
		return err
	}
	f := finding{OK: fault == nil}
	if n.Log != "" {
		f = finding{OK: fault == nil, Log: n.Log, Format: n.Format, Made: &n.Made, Accesses: n.Accesses,
			Whole: n.Whole, Size: n.Size, SHA256: base64.StdEncoding.EncodeToString(n.SHA256[:])}
	}
	if fault != nil {
		f.What = fault.Error()
	}
	return writeJSON(w, f)
}
