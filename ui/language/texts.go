package language

import (
	"fmt"
	"strings"
)

// Texts says things in one language. It never changes once loaded.
type Texts struct {
	Tag      string
	messages map[string]Message
}

// Args are the named arguments of a message. An int is written as the
// language writes numbers; the one called Count chooses the plural form.
type Args map[string]any

// Say returns the message with its arguments filled in, or the key itself when
// there is no such message.
func (t *Texts) Say(key string, args ...Args) string {
	m, ok := t.messages[key]
	if !ok {
		return key
	}
	var named Args
	if len(args) > 0 {
		named = args[0]
	}
	form := m.Other
	if n, ok := named["Count"].(int); ok && m.One != "" && t.singular(n) {
		form = m.One
	}
	return t.fill(form, named)
}

// Has tells whether there is a message of that key.
func (t *Texts) Has(key string) bool {
	_, ok := t.messages[key]
	return ok
}

// Message returns the message of that key as it is written.
func (t *Texts) Message(key string) Message { return t.messages[key] }

// singular is the CLDR rule for whole numbers: French counts zero as one.
func (t *Texts) singular(n int) bool {
	return n == 1 || n == 0 && t.Tag == "fr"
}

// fill replaces each {{.Name}} by its argument.
func (t *Texts) fill(form string, args Args) string {
	if len(args) == 0 || !strings.Contains(form, "{{") {
		return form
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(form, "{{.")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}}")
		if !ok {
			b.WriteString("{{." + rest)
			return b.String()
		}
		b.WriteString(t.write(args[name]))
		form = after
	}
}

func (t *Texts) write(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int:
		return t.Number(v)
	default:
		return fmt.Sprint(v)
	}
}
