package ipp

import "encoding/binary"

// String is any of the character string syntaxes, with its bytes as they came:
// they need not be UTF-8.
type String struct {
	Syntax Tag
	Text   string
}

// Keyword, Name, Text, URI, MIMEType, Charset and Language make the strings requests hold.
func Keyword(s string) String  { return String{TagKeyword, s} }
func Name(s string) String     { return String{TagName, s} }
func Text(s string) String     { return String{TagText, s} }
func URI(s string) String      { return String{TagURI, s} }
func MIMEType(s string) String { return String{TagMIMEType, s} }
func Charset(s string) String  { return String{TagCharset, s} }
func Language(s string) String { return String{TagLanguage, s} }

// Tag is the string's syntax.
func (v String) Tag() Tag                 { return v.Syntax }
func (v String) appendTo(b []byte) []byte { return append(b, v.Text...) }

// LanguageString is a textWithLanguage or nameWithLanguage.
type LanguageString struct {
	Syntax   Tag // TagTextLanguage or TagNameLanguage
	Language string
	Text     string
}

// Tag is the string's syntax.
func (v LanguageString) Tag() Tag { return v.Syntax }

func (v LanguageString) appendTo(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(len(v.Language)))
	b = append(b, v.Language...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(v.Text)))
	return append(b, v.Text...)
}

func decodeLanguageString(tag Tag, b []byte) (Value, error) {
	language, b, ok := cutCounted(b)
	if !ok {
		return nil, malformed("string with language, cut in its language")
	}
	text, b, ok := cutCounted(b)
	if !ok || len(b) > 0 {
		return nil, malformed("string with language of a wrong length")
	}
	return LanguageString{tag, string(language), string(text)}, nil
}

// cutCounted cuts a string with its two-byte length before it.
func cutCounted(b []byte) (s, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, b, false
	}
	n := int(binary.BigEndian.Uint16(b))
	if len(b)-2 < n {
		return nil, b, false
	}
	return b[2 : 2+n], b[2+n:], true
}
