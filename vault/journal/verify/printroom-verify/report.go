package main

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"espero-soft.com/printroom/vault/journal/verify"
)

func checkReport(keyFile, noteFile, name string, stdin io.Reader) (verify.FileNote, error) {
	keys, err := readKeys(keyFile)
	if err != nil {
		return verify.FileNote{}, err
	}
	signed, err := readSmall(noteFile, verify.MaxFileNote)
	if err != nil {
		return verify.FileNote{}, err
	}
	if name == "-" {
		return verify.File(stdin, signed, keys)
	}
	f, err := os.Open(name)
	if err != nil {
		return verify.FileNote{}, err
	}
	n, err := verify.File(f, signed, keys)
	return n, errors.Join(err, f.Close())
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
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(f)
}
