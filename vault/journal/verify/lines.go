package verify

import (
	"bytes"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// The lines of an export that are no entries.
const (
	sealStart  = `{"checkpoint":"`
	startStart = `{"frontier":["`
	startNote  = `"],"start":"`
	between    = `","`
	lineEnd    = `"}`

	maxFrontier = 53 // full subtrees of checkpoint.MaxSize entries
	maxLine     = len(startStart) + maxFrontier*(hashText+len(between)) + len(startNote) + 2*checkpoint.MaxNote + len(lineEnd)
)

// SealLine is the line of an export after the entries that are countersigned,
// newline included: the countersigned note as a JSON string.
func SealLine(note []byte) []byte {
	return append(appendNote([]byte(sealStart), note), '\n')
}

// StartLine is the first line of an export that does not begin with entry 1,
// newline included: the countersigned note after whose entries it begins and the
// frontier of their tree, as checkpoint.NewTree takes it.
func StartLine(note []byte, frontier []tlog.Hash) []byte {
	b := []byte(startStart)
	for i, h := range frontier {
		if i > 0 {
			b = append(b, between...)
		}
		b = append(b, h.String()...)
	}
	return append(appendNote(append(b, startNote...), note), '\n')
}

func appendNote(b, note []byte) []byte {
	b = append(b, bytes.ReplaceAll(note, []byte("\n"), []byte(`\n`))...)
	return append(b, lineEnd...)
}

// unseal undoes SealLine, and only that.
func unseal(line []byte) ([]byte, error) {
	return unquote(strings.TrimPrefix(string(line), sealStart))
}

// unstart undoes StartLine, and only that.
func unstart(line []byte) (note []byte, frontier []tlog.Hash, err error) {
	hashes, quoted, ok := strings.Cut(strings.TrimPrefix(string(line), startStart), startNote)
	if !ok {
		return nil, nil, errors.New("no note")
	}
	if len(hashes) > maxFrontier*(hashText+len(between)) {
		return nil, nil, errors.New("too many hashes")
	}
	for _, text := range strings.Split(hashes, between) {
		h, err := decodeHash([]byte(text))
		if err != nil {
			return nil, nil, err
		}
		frontier = append(frontier, h)
	}
	note, err = unquote(quoted)
	return note, frontier, err
}

// unquote undoes appendNote, and only that: it undoes one escape, refuses all
// others, and the note's own strictness refuses quotes and control characters.
func unquote(quoted string) ([]byte, error) {
	s, ok := strings.CutSuffix(quoted, lineEnd)
	if !ok {
		return nil, errors.New(`no "} at the end`)
	}
	note := strings.ReplaceAll(s, `\n`, "\n")
	if strings.ContainsAny(note, `\"`) || string(appendNote(nil, []byte(note))) != quoted {
		return nil, errors.New("not in canonical form")
	}
	return []byte(note), nil
}
