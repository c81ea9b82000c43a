package ipp

// Value is one value of an attribute; its type says the syntax.
type Value interface {
	// Tag is the syntax on the wire.
	Tag() Tag
	// appendTo appends the value without its tag, name and length.
	appendTo(b []byte) []byte
}

// Attribute is a name with one value or more (1setOf). Values of one attribute
// may differ in syntax.
type Attribute struct {
	Name   string
	Values []Value
}

// Attr makes an attribute.
func Attr(name string, values ...Value) Attribute { return Attribute{name, values} }

// decodeValue reads the value of a tag, collections apart. b is the decoder's
// own and may be kept.
func decodeValue(tag Tag, b []byte) (Value, error) {
	switch {
	case tag.isOutOfBand():
		return decodeOutOfBand(tag, b)
	case tag.isCharacter():
		return String{tag, string(b)}, nil
	}
	switch tag {
	case TagInteger:
		return decodeInteger(b)
	case TagEnum:
		return decodeEnum(b)
	case TagBoolean:
		return decodeBoolean(b)
	case TagDateTime:
		return decodeDateTime(b)
	case TagResolution:
		return decodeResolution(b)
	case TagRange:
		return decodeRange(b)
	case TagTextLanguage, TagNameLanguage:
		return decodeLanguageString(tag, b)
	case TagBeginCollection, TagEndCollection, tagMemberName:
		return nil, malformed("tag %v out of place", tag)
	}
	return Octets{tag, string(b)}, nil
}
