package settings

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// tables lists the tables a file may hold.
func tables() []string { return []string{"central", "printer", "tpm", "limits", "receipts"} }

// set puts the value of one key, named in full, in its place.
func (s *Settings) set(key string, value any) (err error) {
	switch key {
	case "language":
		s.Language, err = oneOf(value, "fr", "nl", "de", "en")
	case "data_dir":
		s.DataDir, err = absolute(value)
	case "idle_lock_minutes":
		var minutes int64
		minutes, err = between(value, 2, 5)
		s.IdleLock = time.Duration(minutes) * time.Minute
	case "central.url":
		s.Central.URL, err = centralURL(value)
	case "central.authority":
		s.Central.Authority, err = absolute(value)
	case "printer.name":
		s.Printer.Name, err = text(value, 128)
	case "printer.uri":
		s.Printer.URI, err = printerURI(value)
	case "printer.pin":
		s.Printer.Pin, err = pin(value)
	case "tpm.endpoint":
		s.TPM.Endpoint, err = endpoint(value)
	case "limits.claim_jobs":
		s.Limits.ClaimJobs, err = intBetween(value, 1, 100)
	case "receipts.folder":
		s.Receipts.Folder, err = folder(value)
	case "central", "printer", "tpm", "limits", "receipts":
		err = wrongType("a table", value)
	default:
		err = errors.New("is not a setting of this program")
	}
	return err
}

// together checks what no single key can be blamed for, once the last file is read.
func (s *Settings) together(from origin) error {
	if strings.HasPrefix(s.Printer.URI, "ipps:") && s.Printer.Pin == [32]byte{} {
		return &Error{File: from.printer, Key: "printer.pin", Problem: "is required by the ipps printer " + s.Printer.URI}
	}
	if inside(s.Receipts.Folder, s.DataDir) || inside(s.DataDir, s.Receipts.Folder) {
		return &Error{File: from.receipts, Key: "receipts.folder", Problem: "must not lie in the data folder, nor hold it"}
	}
	return nil
}

// inside reports whether a folder is another one or lies below it.
func inside(folder, outer string) bool {
	if folder == "" || outer == "" {
		return false
	}
	rel, err := filepath.Rel(outer, folder)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func wrongType(want string, value any) error {
	have := "a table"
	switch value.(type) {
	case string:
		have = "a string"
	case int64:
		have = "an integer"
	case float64:
		have = "a float"
	case bool:
		have = "a boolean"
	case time.Time:
		have = "a date or time"
	case []any, []map[string]any:
		have = "an array"
	}
	return fmt.Errorf("must be %s, not %s", want, have)
}

// text takes one line of at most limit bytes, without control characters.
func text(value any, limit int) (string, error) {
	s, ok := value.(string)
	switch {
	case !ok:
		return "", wrongType("a string", value)
	case len(s) > limit:
		return "", fmt.Errorf("must be at most %d bytes", limit)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return "", errors.New("must be one line of printable text")
	}
	return s, nil
}

func oneOf(value any, allowed ...string) (string, error) {
	s, err := text(value, 64)
	if err == nil && !slices.Contains(allowed, s) {
		return "", fmt.Errorf("must be one of %s", strings.Join(allowed, ", "))
	}
	return s, err
}

func between(value any, low, high int64) (int64, error) {
	n, ok := value.(int64)
	if !ok {
		return 0, wrongType("an integer", value)
	}
	if n < low || n > high {
		return 0, fmt.Errorf("must be from %d to %d", low, high)
	}
	return n, nil
}

func intBetween(value any, low, high int64) (int, error) {
	n, err := between(value, low, high)
	return int(n), err
}

func absolute(value any) (string, error) {
	s, err := text(value, 1024)
	if err == nil && !filepath.IsAbs(s) {
		return "", errors.New("must be an absolute path")
	}
	return s, err
}

// folder takes an absolute path in its shortest form, or nothing.
func folder(value any) (string, error) {
	s, err := text(value, 1024)
	if err != nil || s == "" {
		return "", err
	}
	if s, err = absolute(value); err != nil {
		return "", err
	}
	if s = filepath.Clean(s); filepath.Dir(s) == s {
		return "", errors.New("must not be the root of the disk")
	}
	return s, nil
}

func centralURL(value any) (string, error) {
	s, err := text(value, 512)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("must be https://host or https://host:port")
	}
	return "https://" + u.Host, nil
}

func printerURI(value any) (string, error) {
	s, err := text(value, 512)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "ipps" && u.Scheme != "ipp" || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return "", errors.New("must be ipps://host/path (or ipp://, which is not encrypted)")
	}
	return s, nil
}

func pin(value any) (sum [32]byte, err error) {
	s, err := text(value, 128)
	if err != nil {
		return sum, err
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(sum) {
		return sum, errors.New("must be the 64 hexadecimal digits of a SHA-256")
	}
	return [32]byte(b), nil
}

func endpoint(value any) (string, error) {
	s, err := text(value, 128)
	if err != nil || s == "" {
		return "", err
	}
	path, ok := strings.CutPrefix(s, "unix:")
	if !ok || !filepath.IsAbs(path) {
		return "", errors.New(`must be "" for the system's TPM, or unix:/path`)
	}
	return s, nil
}
