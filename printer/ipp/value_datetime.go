package ipp

import (
	"encoding/binary"
	"time"
)

// DateTime is a DateAndTime of RFC 2579 as it came, eleven bytes.
type DateTime [11]byte

// Tag is TagDateTime.
func (DateTime) Tag() Tag                   { return TagDateTime }
func (v DateTime) appendTo(b []byte) []byte { return append(b, v[:]...) }

// NewDateTime is t to a tenth of a second, in its own zone to the minute.
func NewDateTime(t time.Time) DateTime {
	var v DateTime
	binary.BigEndian.PutUint16(v[:], uint16(t.Year()))
	for i, n := range []int{int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond() / 1e8} {
		v[2+i] = byte(n)
	}
	_, offset := t.Zone()
	v[8] = '+'
	if offset < 0 {
		v[8], offset = '-', -offset
	}
	v[9], v[10] = byte(offset/3600), byte(offset/60%60)
	return v
}

// Time is the instant; false when the bytes are no time at all.
func (v DateTime) Time() (time.Time, bool) {
	month, day, hour, minute, second, tenth := v[2], v[3], v[4], v[5], v[6], v[7]
	if month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 || tenth > 9 ||
		(v[8] != '+' && v[8] != '-') || v[9] > 14 || v[10] > 59 {
		return time.Time{}, false
	}
	offset := int(v[9])*3600 + int(v[10])*60
	if v[8] == '-' {
		offset = -offset
	}
	return time.Date(int(binary.BigEndian.Uint16(v[:])), time.Month(month), int(day), int(hour), int(minute), int(second),
		int(tenth)*1e8, time.FixedZone("", offset)), true
}

func decodeDateTime(b []byte) (Value, error) {
	if len(b) != len(DateTime{}) {
		return nil, malformed("dateTime of %d bytes", len(b))
	}
	return DateTime(b), nil
}
