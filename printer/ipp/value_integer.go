package ipp

import "encoding/binary"

// Integer is an integer, RFC 8010 section 3.9.
type Integer int32

// Tag is TagInteger.
func (Integer) Tag() Tag                   { return TagInteger }
func (v Integer) appendTo(b []byte) []byte { return appendInt(b, int32(v)) }

// Enum is an enum value.
type Enum int32

// Tag is TagEnum.
func (Enum) Tag() Tag                   { return TagEnum }
func (v Enum) appendTo(b []byte) []byte { return appendInt(b, int32(v)) }

func decodeInteger(b []byte) (Value, error) {
	if len(b) != 4 {
		return nil, malformed("integer of %d bytes", len(b))
	}
	return Integer(readInt(b)), nil
}

func decodeEnum(b []byte) (Value, error) {
	if len(b) != 4 {
		return nil, malformed("enum of %d bytes", len(b))
	}
	return Enum(readInt(b)), nil
}

func appendInt(b []byte, v int32) []byte { return binary.BigEndian.AppendUint32(b, uint32(v)) }
func readInt(b []byte) int32             { return int32(binary.BigEndian.Uint32(b)) }
