package settings

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

const (
	maxFile     = 64 << 10 // bytes of one configuration file
	maxProblems = 10       // reported at once
)

// An Error is one thing wrong in a configuration file.
type Error struct {
	File    string
	Line    int    // from 1; 0 when the fault is the file itself
	Key     string // dotted, as in "printer.uri"; "" for a fault of syntax
	Problem string
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Key != "" {
		b.WriteString(": " + e.Key)
	}
	return b.String() + ": " + e.Problem
}

// Load reads the files in order over Default, a later one winning key by key,
// and the machine's policy last of all: naming a file does not get around it.
// With no path it reads the person's own. An absent file says nothing.
// Otherwise the error holds up to ten *Error (errors.As finds the first) and no
// settings are returned.
func Load(paths ...string) (Settings, error) {
	if len(paths) == 0 {
		own, err := OwnPath()
		if err != nil {
			return Settings{}, err
		}
		paths = []string{own}
	}
	return load(append(slices.Clone(paths), PolicyPath()))
}

// LoadNamed is Load for the file that --config names, which must be there, or
// for the person's own when config is "". What a station can't do without must
// be set: else it is an error that names the keys.
func LoadNamed(config string) (Settings, error) {
	var paths []string
	if config != "" {
		if _, err := os.Stat(config); err != nil {
			return Settings{}, fmt.Errorf("%w: %w", ErrSettings, err)
		}
		paths = []string{config}
	}
	s, err := Load(paths...)
	if err != nil {
		return Settings{}, fmt.Errorf("%w: %w", ErrSettings, err)
	}
	if missing := s.Missing(); len(missing) > 0 {
		return Settings{}, fmt.Errorf("%w: %s must be set", ErrSettings, strings.Join(missing, ", "))
	}
	return s, nil
}

// ErrSettings marks settings that a station can't start with.
var ErrSettings = errors.New("the settings can't be used")

func load(paths []string) (Settings, error) {
	s := Default()
	var from origin
	for _, path := range paths {
		before := s
		data, err := read(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return Settings{}, err
		}
		if err := apply(&s, path, data); err != nil {
			return Settings{}, err
		}
		if s.Printer.URI != before.Printer.URI {
			from.printer = path
		}
		if s.Printer.Pin != before.Printer.Pin {
			s.Printer.File = path
		}
		if s.Receipts != before.Receipts || s.DataDir != before.DataDir {
			from.receipts = path
		}
	}
	if s.DataDir == "" {
		dir, err := DataHome()
		if err != nil {
			return Settings{}, err
		}
		s.DataDir = dir
	}
	if err := s.together(from); err != nil {
		return Settings{}, err
	}
	return s, nil
}

// origin names the last file that said something of what is checked together.
type origin struct{ printer, receipts string }

// read returns a regular file that only its owner can write.
func read(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	switch {
	case !info.Mode().IsRegular():
		return nil, &Error{File: path, Problem: "is not a regular file"}
	case writableByOthers(info):
		return nil, &Error{File: path, Problem: "can be written by other people (chmod go-w)"}
	case info.Size() > maxFile:
		return nil, &Error{File: path, Problem: fmt.Sprintf("is larger than %d KiB", maxFile>>10)}
	}
	data, err = io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("settings: read %s: %w", path, err)
	}
	return data, nil
}

// apply sets on s what one file says, or returns what is wrong with it in the
// order of its lines. After an error s is half set and must be dropped.
func apply(s *Settings, file string, data []byte) error {
	var tree map[string]any
	if err := toml.Unmarshal(data, &tree); err != nil {
		return syntaxError(file, err)
	}
	var found []*Error
	for _, p := range walk(s, nil, tree) {
		found = append(found, &Error{File: file, Line: line(data, p.key), Key: p.key.String(), Problem: p.text})
	}
	slices.SortStableFunc(found, func(a, b *Error) int { return a.Line - b.Line })
	var errs []error
	for _, e := range found {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

func syntaxError(file string, err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return &Error{File: file, Line: parse.Position.Line, Key: parse.LastKey, Problem: parse.Message}
	}
	return &Error{File: file, Problem: err.Error()}
}

// A problem is what is wrong with one key.
type problem struct {
	key  toml.Key
	text string
}

// walk hands every value of a table to s, and returns what s refused, at
// most maxProblems.
func walk(s *Settings, path toml.Key, table map[string]any) []problem {
	var found []problem
	for _, name := range slices.Sorted(maps.Keys(table)) {
		key := append(slices.Clone(path), name)
		inner, isTable := table[name].(map[string]any)
		if isTable && slices.Contains(tables(), key.String()) {
			found = append(found, walk(s, key, inner)...)
		} else if err := s.set(key.String(), table[name]); err != nil {
			found = append(found, problem{key, err.Error()})
		}
		if len(found) >= maxProblems {
			return found[:maxProblems]
		}
	}
	return found
}

// line finds the line on which a key stands. The TOML package tells it only in
// the errors of a value's own decoder, so the key's value gets one that fails.
// For a name that a struct tag cannot carry it is the line of the key's table.
func line(data []byte, key toml.Key) int {
	for ; len(key) > 0; key = key[:len(key)-1] {
		at := reflect.TypeFor[refusal]()
		for _, name := range slices.Backward(key) {
			at = reflect.StructOf([]reflect.StructField{{
				Name: "Field", Type: at, Tag: reflect.StructTag("toml:" + strconv.Quote(name)),
			}})
		}
		var found toml.ParseError
		if errors.As(toml.Unmarshal(data, reflect.New(at).Interface()), &found) && found.Position.Line > 0 {
			return found.Position.Line
		}
	}
	return 1
}

// A refusal is a value that cannot be decoded.
type refusal struct{}

func (*refusal) UnmarshalTOML(any) error { return errRefused }

var errRefused = errors.New("refused")
