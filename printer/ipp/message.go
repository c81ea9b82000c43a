package ipp

// Message is one request or answer, without its document.
type Message struct {
	Major, Minor byte
	Code         uint16 // operation of a request, status of an answer
	RequestID    uint32
	Groups       []Group
}

// Group is one attribute group.
type Group struct {
	Tag        Tag
	Attributes []Attribute
}

// Group is the first group of a tag; an empty one when there is none.
func (m *Message) Group(tag Tag) Group {
	for _, g := range m.Groups {
		if g.Tag == tag {
			return g
		}
	}
	return Group{Tag: tag}
}

// Values are the values of an attribute, none when it is not there.
func (g Group) Values(name string) []Value {
	for _, a := range g.Attributes {
		if a.Name == name {
			return a.Values
		}
	}
	return nil
}

// Names are the attributes' names, safe to show.
func (g Group) Names() []string {
	names := make([]string, len(g.Attributes))
	for i, a := range g.Attributes {
		names[i] = Shown(a.Name)
	}
	return names
}
