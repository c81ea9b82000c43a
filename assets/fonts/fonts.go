// Package fonts holds the one type family of window and paper: IBM Plex Sans
// (SIL Open Font License 1.1, text in OFL.txt), with TrueType outlines, which
// gofpdf needs, and figures that are all of one width.
//
// The files are those of the npm package @ibm/plex-sans 1.1.0, unpacked from
// WOFF to TTF with no table changed.
package fonts

import _ "embed"

// The faces as TrueType files. They are read-only: a caller that changes a
// byte changes it for everybody.
var (
	//go:embed IBMPlexSans-Regular.ttf
	Regular []byte
	//go:embed IBMPlexSans-SemiBold.ttf
	SemiBold []byte
	//go:embed IBMPlexSans-Bold.ttf
	Bold []byte
)

// Licence is the licence text, which has to travel with the faces.
//
//go:embed OFL.txt
var Licence string
