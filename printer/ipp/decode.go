package ipp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrMalformed says that a message is not what RFC 8010 and 8011 allow, or
// beyond the limits of this package.
var ErrMalformed = errors.New("ipp: malformed message")

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

// Decode reads one message and nothing after it: a document that follows stays
// in r. What it accepts encodes to the same bytes again.
func Decode(r io.Reader) (*Message, error) {
	d := &decoder{r: r, bytes: maxMessage, values: maxValues}
	head, err := d.take(8)
	if err != nil {
		return nil, err
	}
	m := &Message{Major: head[0], Minor: head[1], Code: binary.BigEndian.Uint16(head[2:]), RequestID: binary.BigEndian.Uint32(head[4:])}
	for {
		tag, err := d.tag()
		if err != nil {
			return nil, err
		}
		switch {
		case tag == TagEnd:
			return m, nil
		case tag.isDelimiter():
			if err := d.count(); err != nil {
				return nil, err
			}
			m.Groups = append(m.Groups, Group{Tag: tag})
		case len(m.Groups) == 0:
			return nil, malformed("attribute before a group")
		default:
			if err := d.attribute(tag, &m.Groups[len(m.Groups)-1]); err != nil {
				return nil, err
			}
		}
	}
}

// decoder counts down what the message may still hold.
type decoder struct {
	r      io.Reader
	bytes  int
	values int
}

// field is a tag with its name and value, the one shape all values share.
type field struct {
	tag   Tag
	name  string
	value []byte
}

// attribute reads a value: the first of a new attribute, or a further one of
// the group's last.
func (d *decoder) attribute(tag Tag, g *Group) error {
	f, err := d.rest(tag)
	if err != nil {
		return err
	}
	value, err := d.value(f, 0)
	if err != nil {
		return err
	}
	if len(f.name) > 0 {
		g.Attributes = append(g.Attributes, Attribute{f.name, []Value{value}})
		return nil
	}
	if len(g.Attributes) == 0 {
		return malformed("value without a name at the head of a group")
	}
	last := &g.Attributes[len(g.Attributes)-1]
	last.Values = append(last.Values, value)
	return nil
}

// value is a field's value, with all members if it begins a collection.
func (d *decoder) value(f field, depth int) (Value, error) {
	if f.tag != TagBeginCollection {
		return decodeValue(f.tag, f.value)
	}
	if len(f.value) > 0 {
		return nil, malformed("collection of %d bytes", len(f.value))
	}
	return d.collection(depth + 1)
}

// field reads a value's tag and the rest of it; a delimiter is refused.
func (d *decoder) field() (field, error) {
	tag, err := d.tag()
	if err != nil {
		return field{}, err
	}
	if tag.isDelimiter() {
		return field{}, malformed("group within a collection")
	}
	return d.rest(tag)
}

// rest reads name and value after a value's tag.
func (d *decoder) rest(tag Tag) (field, error) {
	if err := d.count(); err != nil {
		return field{}, err
	}
	name, err := d.counted(maxName)
	if err != nil {
		return field{}, err
	}
	value, err := d.counted(maxValue)
	return field{tag, string(name), value}, err
}

// count is called for each value and group: what a byte can ask us to keep is bounded.
func (d *decoder) count() error {
	if d.values--; d.values < 0 {
		return malformed("more than %d values", maxValues)
	}
	return nil
}

// counted reads bytes with their length before them. Lengths are signed on
// the wire, so those over the limit include the negative ones.
func (d *decoder) counted(limit int) ([]byte, error) {
	n, err := d.take(2)
	if err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(n))
	if length > limit {
		return nil, malformed("length %d, limit %d", int16(length), limit)
	}
	return d.take(length)
}

func (d *decoder) tag() (Tag, error) {
	b, err := d.take(1)
	if err != nil {
		return 0, err
	}
	return Tag(b[0]), nil
}

// take reads n bytes, n being small and checked by the caller.
func (d *decoder) take(n int) ([]byte, error) {
	if d.bytes -= n; d.bytes < 0 {
		return nil, malformed("more than %d bytes of attributes", maxMessage)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, fmt.Errorf("%w: %w", ErrMalformed, io.ErrUnexpectedEOF)
		}
		return nil, fmt.Errorf("read IPP message: %w", err)
	}
	return b, nil
}
