package ipp

import (
	"encoding/binary"
	"fmt"
)

// Encode is the message on the wire, RFC 8010 section 3.1. It fails on names
// and values that the encoding has no room for, and on attributes without values.
func (m *Message) Encode() ([]byte, error) {
	b := []byte{m.Major, m.Minor}
	b = binary.BigEndian.AppendUint16(b, m.Code)
	b = binary.BigEndian.AppendUint32(b, m.RequestID)
	for _, g := range m.Groups {
		if !g.Tag.isDelimiter() || g.Tag == TagEnd {
			return nil, fmt.Errorf("ipp: group with tag %v", g.Tag)
		}
		b = append(b, byte(g.Tag))
		for _, a := range g.Attributes {
			var err error
			if b, err = appendAttribute(b, a); err != nil {
				return nil, err
			}
		}
	}
	return append(b, byte(TagEnd)), nil
}

func appendAttribute(b []byte, a Attribute) ([]byte, error) {
	if err := checkAttribute(a); err != nil {
		return nil, err
	}
	name := a.Name
	for _, v := range a.Values {
		var err error
		if b, err = appendValue(b, name, v); err != nil {
			return nil, fmt.Errorf("ipp: attribute %s: %w", Shown(a.Name), err)
		}
		name = "" // further values carry none
	}
	return b, nil
}

func checkAttribute(a Attribute) error {
	if len(a.Name) == 0 || len(a.Name) > maxName || len(a.Values) == 0 {
		return fmt.Errorf("ipp: attribute %q of %d values cannot be encoded", Shown(a.Name), len(a.Values))
	}
	return nil
}

func appendValue(b []byte, name string, v Value) ([]byte, error) {
	value := v.appendTo(nil)
	if len(value) > maxValue {
		return nil, fmt.Errorf("value of %d bytes, limit %d", len(value), maxValue)
	}
	b = appendField(b, v.Tag(), name, value)
	if c, ok := v.(Collection); ok {
		return c.appendMembers(b)
	}
	return b, nil
}

func appendField(b []byte, tag Tag, name string, value []byte) []byte {
	b = append(b, byte(tag))
	b = binary.BigEndian.AppendUint16(b, uint16(len(name)))
	b = append(b, name...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(value)))
	return append(b, value...)
}
