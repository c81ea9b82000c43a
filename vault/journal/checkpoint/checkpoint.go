// Package checkpoint is the signed statement of an access log's head: the C2SP
// tlog-checkpoint as a signed note, the station's ECDSA P-256 signature on it
// (signed-note type 0x02), the witness's timestamped Ed25519 cosignature (type
// 0x04, tlog-cosignature v1), and the RFC 6962 tree they speak of. It reads
// strictly: there is one way to write each note, and it accepts no other.
package checkpoint

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// MaxNote bounds a note's length in bytes.
	MaxNote = 4096
	// MaxName bounds the length of an origin or key name in bytes.
	MaxName = 128
	// MaxSize bounds a tree's size: the safe integers of JSON.
	MaxSize = 1<<53 - 1
	// MaxWitnesses bounds the keys that a log's witness signs with at a time.
	MaxWitnesses = 8

	maxSignatures = 16
	minSignature  = 4 + 1
)

var (
	// ErrMalformed says that bytes are not a checkpoint, a signature line or a
	// verifier key in the one form that is accepted.
	ErrMalformed = errors.New("malformed checkpoint")
	// ErrSignature says that a well-formed note lacks a signature that it must
	// have, has one it must not have, or has one that does not verify.
	ErrSignature = errors.New("checkpoint signature refused")
	// ErrInconsistent says that two heads are not of one append-only log.
	ErrInconsistent = errors.New("checkpoints are inconsistent")
)

// Checkpoint is a log's head: the root of the RFC 6962 tree of its first Size
// entries.
type Checkpoint struct {
	Origin     string
	Size       int64
	Root       tlog.Hash
	Signatures []Signature // as they stand in the note, not verified
}

// Signature is one signature line of a note.
type Signature struct {
	Name  string
	KeyID uint32
	Bytes []byte // without the key id
}

// Text is the part of the note that is signed, its last newline included.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
}

// Note is the whole note: the text, a blank line, the signature lines.
func (c Checkpoint) Note() []byte {
	b := append([]byte(c.Text()), '\n')
	for _, s := range c.Signatures {
		b = append(b, s.line()...)
	}
	return b
}

func (s Signature) line() string {
	raw := binary.BigEndian.AppendUint32(nil, s.KeyID)
	return "— " + s.Name + " " + base64.StdEncoding.EncodeToString(append(raw, s.Bytes...)) + "\n"
}

// ParseCheckpoint reads a note of at least one signature without verifying it.
// It accepts exactly what Note writes: three text lines and no extension lines,
// a valid origin, canonical numbers and base64. Errors wrap ErrMalformed.
func ParseCheckpoint(note []byte) (Checkpoint, error) {
	c, err := parse(note)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return c, nil
}

func parse(note []byte) (Checkpoint, error) {
	var c Checkpoint
	if len(note) > MaxNote {
		return c, fmt.Errorf("longer than %d bytes", MaxNote)
	}
	text, sigs, ok := strings.Cut(string(note), "\n\n")
	if !ok {
		return c, errors.New("no blank line before the signatures")
	}
	lines := strings.Split(text, "\n")
	if len(lines) != 3 {
		return c, fmt.Errorf("%d text lines instead of 3", len(lines))
	}
	if err := CheckName(lines[0]); err != nil {
		return c, fmt.Errorf("origin: %w", err)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || size > MaxSize {
		return c, errors.New("bad tree size")
	}
	root, err := decode(lines[2], tlog.HashSize)
	if err != nil {
		return c, fmt.Errorf("root hash: %w", err)
	}
	c = Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}
	if c.Signatures, err = parseSignatures(sigs); err != nil {
		return c, err
	}
	// One reading, one writing: whatever the steps above let through (a sign
	// before the size, leading zeros) ends here.
	if !bytes.Equal(c.Note(), note) {
		return c, errors.New("not in canonical form")
	}
	return c, nil
}

func parseSignatures(s string) ([]Signature, error) {
	if !strings.HasSuffix(s, "\n") {
		return nil, errors.New("no newline at the end")
	}
	lines := strings.Split(s[:len(s)-1], "\n")
	if len(lines) > maxSignatures {
		return nil, fmt.Errorf("more than %d signatures", maxSignatures)
	}
	sigs := make([]Signature, 0, len(lines))
	for _, line := range lines {
		sig, err := parseSignature(line)
		if err != nil {
			return nil, err
		}
		sigs = append(sigs, sig)
	}
	return sigs, nil
}

func parseSignature(line string) (Signature, error) {
	rest, ok := strings.CutPrefix(line, "— ")
	name, encoded, cut := strings.Cut(rest, " ")
	if !ok || !cut {
		return Signature{}, errors.New("not a signature line")
	}
	if err := CheckName(name); err != nil {
		return Signature{}, fmt.Errorf("key name: %w", err)
	}
	raw, err := decode(encoded, -1)
	if err != nil {
		return Signature{}, fmt.Errorf("signature: %w", err)
	}
	if len(raw) < minSignature {
		return Signature{}, errors.New("signature too short")
	}
	return Signature{Name: name, KeyID: binary.BigEndian.Uint32(raw), Bytes: raw[4:]}, nil
}

// decode reads canonical standard base64: the standard decoder skips newlines
// and, unless strict, ignores spare bits.
func decode(s string, n int) ([]byte, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != s {
		return nil, errors.New("not canonical base64")
	}
	if n >= 0 && len(raw) != n {
		return nil, fmt.Errorf("%d bytes instead of %d", len(raw), n)
	}
	return raw, nil
}

// CheckName says whether s may be a log's origin or a key's name: a schema-less
// URL of ASCII letters, digits and ".-_" in parts separated by "/", at most
// MaxName bytes, such as "bjet24.example/room/station-1".
func CheckName[S string | []byte](s S) error {
	if len(s) == 0 || len(s) > MaxName {
		return fmt.Errorf("a name has 1 to %d bytes", MaxName)
	}
	start := true // of a part
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		mark := c == '.' || c == '-' || c == '_' || c == '/'
		if !letter && (!mark || start) {
			return errors.New("a name is a URL without a scheme, of letters, digits and .-_/")
		}
		start = c == '/'
	}
	if start {
		return errors.New("a name does not end in /")
	}
	return nil
}
