package ipp

// Octets is an octetString, or a value of a syntax this package does not know,
// with its bytes as they came.
type Octets struct {
	Syntax Tag
	Bytes  string
}

// Tag is the value's syntax.
func (v Octets) Tag() Tag                 { return v.Syntax }
func (v Octets) appendTo(b []byte) []byte { return append(b, v.Bytes...) }
