package ipp

import "fmt"

// Tag is a delimiter or value tag of RFC 8010 section 3.5.
type Tag byte

// Delimiter tags, RFC 8010 section 3.5.1 and RFC 3995.
const (
	TagOperation   Tag = 0x01
	TagJob         Tag = 0x02
	TagEnd         Tag = 0x03
	TagPrinter     Tag = 0x04
	TagUnsupported Tag = 0x05
)

// lastDelimiter is the greatest tag that delimits groups; greater tags begin values.
const lastDelimiter Tag = 0x0f

// Value tags, RFC 8010 section 3.5.2.
const (
	TagUnsupportedValue Tag = 0x10
	TagUnknown          Tag = 0x12
	TagNoValue          Tag = 0x13
	lastOutOfBand       Tag = 0x1f

	TagInteger Tag = 0x21
	TagBoolean Tag = 0x22
	TagEnum    Tag = 0x23

	TagOctets          Tag = 0x30
	TagDateTime        Tag = 0x31
	TagResolution      Tag = 0x32
	TagRange           Tag = 0x33
	TagBeginCollection Tag = 0x34
	TagTextLanguage    Tag = 0x35
	TagNameLanguage    Tag = 0x36
	TagEndCollection   Tag = 0x37

	TagText      Tag = 0x41
	TagName      Tag = 0x42
	TagKeyword   Tag = 0x44
	TagURI       Tag = 0x45
	TagURIScheme Tag = 0x46
	TagCharset   Tag = 0x47
	TagLanguage  Tag = 0x48
	TagMIMEType  Tag = 0x49

	firstCharacter Tag = 0x40
	tagMemberName  Tag = 0x4a
	lastCharacter  Tag = 0x5f
)

// String is the tag's number, as it is written in RFC 8010.
func (t Tag) String() string { return fmt.Sprintf("0x%02x", byte(t)) }

func (t Tag) isDelimiter() bool { return t <= lastDelimiter }
func (t Tag) isOutOfBand() bool { return t > lastDelimiter && t <= lastOutOfBand }
func (t Tag) isCharacter() bool {
	return t >= firstCharacter && t <= lastCharacter && t != tagMemberName
}
