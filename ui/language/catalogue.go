// Package language holds the messages of the window and the commands in the
// four languages, and writes numbers, dates and durations as each does.
package language

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
)

// Tags lists the languages there are, in the order in which they are offered.
func Tags() []string { return []string{"fr", "nl", "de", "en"} }

// Fallback is the language of whoever asks for one that is not there.
const Fallback = "en"

// Message is one text with its plural forms; One is empty where the text does
// not depend on a count.
type Message struct {
	One   string `json:"one"`
	Other string `json:"other"`
}

// UnmarshalJSON takes a string or an object with the plural forms.
func (m *Message) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &m.Other)
	}
	type plain Message
	return json.Unmarshal(data, (*plain)(m))
}

// Catalogue is every message in every language. It never changes once loaded,
// so any goroutine may read it.
type Catalogue struct {
	texts map[string]*Texts
}

// Load reads every <area>.<tag>.json in dir of files for each of Tags. An area
// is a screen, or what several share; a key stands in one of them only.
func Load(files fs.FS, dir string) (*Catalogue, error) {
	c := &Catalogue{texts: make(map[string]*Texts)}
	for _, tag := range Tags() {
		messages, err := read(files, dir, tag)
		if err != nil {
			return nil, fmt.Errorf("reading the %s messages: %w", tag, err)
		}
		c.texts[tag] = &Texts{Tag: tag, messages: messages}
	}
	return c, nil
}

func read(files fs.FS, dir, tag string) (map[string]Message, error) {
	paths, err := fs.Glob(files, dir+"/*."+tag+".json")
	if err != nil || len(paths) == 0 {
		return nil, errors.Join(fmt.Errorf("%s has no *.%s.json", dir, tag), err)
	}
	all := make(map[string]Message)
	for _, path := range paths {
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return nil, err
		}
		var messages map[string]Message
		if err := json.Unmarshal(data, &messages); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for key, m := range messages {
			if _, twice := all[key]; twice {
				return nil, fmt.Errorf("%s: %s stands in another file too", path, key)
			}
			all[key] = m
		}
	}
	return all, nil
}

// In returns the texts of a language given as a BCP 47 tag ("nl", "nl-BE").
func (c *Catalogue) In(tag string) *Texts {
	if len(tag) > 2 {
		tag = tag[:2]
	}
	if t, ok := c.texts[tag]; ok {
		return t
	}
	return c.texts[Fallback]
}

// Keys lists the keys of a language's messages, sorted.
func (t *Texts) Keys() []string {
	keys := make([]string, 0, len(t.messages))
	for k := range t.messages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
