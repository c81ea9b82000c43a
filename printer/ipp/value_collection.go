package ipp

// Collection is a collection's members in their order, RFC 8010 section 3.1.6.
type Collection []Attribute

// Tag is TagBeginCollection.
func (Collection) Tag() Tag { return TagBeginCollection }

// appendTo appends nothing: a collection's members follow it as values of
// their own, see appendValue.
func (Collection) appendTo(b []byte) []byte { return b }

// Member is a member's first value, nil when there is none of that name.
func (v Collection) Member(name string) Value {
	for _, m := range v {
		if m.Name == name && len(m.Values) > 0 {
			return m.Values[0]
		}
	}
	return nil
}

// appendMembers appends the members and the end of the collection.
func (v Collection) appendMembers(b []byte) ([]byte, error) {
	for _, m := range v {
		if err := checkAttribute(m); err != nil {
			return nil, err
		}
		b = appendField(b, tagMemberName, "", []byte(m.Name))
		for _, value := range m.Values {
			var err error
			if b, err = appendValue(b, "", value); err != nil {
				return nil, err
			}
		}
	}
	return appendField(b, TagEndCollection, "", nil), nil
}

// collection reads the members up to the collection's end.
func (d *decoder) collection(depth int) (Collection, error) {
	if depth > maxDepth {
		return nil, malformed("collections nested deeper than %d", maxDepth)
	}
	members := Collection{}
	for {
		f, err := d.field()
		if err != nil {
			return nil, err
		}
		switch {
		case len(f.name) > 0:
			return nil, malformed("attribute %s within a collection", Shown(f.name))
		case f.tag == TagEndCollection && len(f.value) == 0:
			return members, checkMembers(members)
		case f.tag == tagMemberName:
			if len(f.value) == 0 || len(f.value) > maxName {
				return nil, malformed("member name of %d bytes", len(f.value))
			}
			members = append(members, Attribute{Name: string(f.value)})
			continue
		case len(members) == 0:
			return nil, malformed("value in a collection before a member name")
		}
		value, err := d.value(f, depth)
		if err != nil {
			return nil, err
		}
		last := &members[len(members)-1]
		last.Values = append(last.Values, value)
	}
}

func checkMembers(members Collection) error {
	for _, m := range members {
		if len(m.Values) == 0 {
			return malformed("member %s without a value", Shown(m.Name))
		}
	}
	return nil
}
