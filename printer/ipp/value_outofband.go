package ipp

// OutOfBand stands where a value cannot: no-value, unknown, unsupported …
type OutOfBand Tag

// Tag is the out-of-band tag itself.
func (v OutOfBand) Tag() Tag                 { return Tag(v) }
func (v OutOfBand) appendTo(b []byte) []byte { return b }

func decodeOutOfBand(tag Tag, b []byte) (Value, error) {
	if len(b) > 0 {
		return nil, malformed("out-of-band value of %d bytes", len(b))
	}
	return OutOfBand(tag), nil
}
