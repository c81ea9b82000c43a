package ipp

// Range is a rangeOfInteger, both ends included.
type Range struct{ Low, High int32 }

// Tag is TagRange.
func (Range) Tag() Tag                   { return TagRange }
func (v Range) appendTo(b []byte) []byte { return appendInt(appendInt(b, v.Low), v.High) }

func decodeRange(b []byte) (Value, error) {
	if len(b) != 8 {
		return nil, malformed("rangeOfInteger of %d bytes", len(b))
	}
	return Range{readInt(b), readInt(b[4:])}, nil
}
