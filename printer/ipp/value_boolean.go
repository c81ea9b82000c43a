package ipp

// Boolean is a boolean, one byte 0 or 1.
type Boolean bool

// Tag is TagBoolean.
func (Boolean) Tag() Tag { return TagBoolean }

func (v Boolean) appendTo(b []byte) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

func decodeBoolean(b []byte) (Value, error) {
	if len(b) != 1 || b[0] > 1 {
		return nil, malformed("boolean %x", b)
	}
	return Boolean(b[0] == 1), nil
}
