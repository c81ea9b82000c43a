package ipp

// What a group's attributes hold, whatever syntax a printer chose for them.

// texts are the texts among an attribute's values, as they came.
func (g Group) texts(name string) []string {
	var texts []string
	for _, v := range g.Values(name) {
		if s, ok := textOf(v); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// text is an attribute's first text, empty when there is none.
func (g Group) text(name string) string {
	if texts := g.texts(name); len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// shown are the texts made safe to show.
func (g Group) shown(name string) []string {
	texts := g.texts(name)
	for i := range texts {
		texts[i] = Shown(texts[i])
	}
	return texts
}

// number is an attribute's integer or enum; false when it is neither.
func (g Group) number(name string) (int, bool) {
	values := g.Values(name)
	if len(values) == 0 {
		return 0, false
	}
	return numberOf(values[0])
}

// truth is an attribute's boolean, false when there is none.
func (g Group) truth(name string) bool {
	values := g.Values(name)
	return len(values) > 0 && values[0] == Boolean(true)
}

func textOf(v Value) (string, bool) {
	switch v := v.(type) {
	case String:
		return v.Text, true
	case LanguageString:
		return v.Text, true
	}
	return "", false
}

func numberOf(v Value) (int, bool) {
	switch v := v.(type) {
	case Integer:
		return int(v), true
	case Enum:
		return int(v), true
	}
	return 0, false
}
