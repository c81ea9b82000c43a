// Package theme is the look of the window: colours, sizes, type and icons by
// name. A screen names what something is, never a colour or a number.
package theme

import "image/color"

// Colour names a colour by what it is for.
type Colour int

// The colours.
const (
	Ground     Colour = iota // behind everything
	Surface                  // panels, tables
	Raised                   // what lies on a panel: tiles, fields
	Line                     // quiet lines
	Edge                     // outline of what can be pressed or typed in
	Text                     // what is read
	Muted                    // what is read second
	Faint                    // what can't be used now
	Accent                   // the one colour of what to do
	OnAccent                 // text on it
	AccentSoft               // behind what is chosen
	Hover                    // under the pointer
	Good
	GoodSoft
	Warn
	WarnSoft
	Danger
	OnDanger
	DangerSoft
	Paper // a sheet's own white, and what is around it
	Desk
	Ink     // what is drawn over a sheet
	colours // how many there are
)

type palette [colours]color.NRGBA

func rgb(hex uint32) color.NRGBA {
	return color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func lightPalette() palette {
	return palette{
		Ground: rgb(0xF3F5F7), Surface: rgb(0xFFFFFF), Raised: rgb(0xFFFFFF),
		Line: rgb(0xE1E6EA), Edge: rgb(0x8A97A3),
		Text: rgb(0x17212B), Muted: rgb(0x52606C), Faint: rgb(0x68757F),
		Accent: rgb(0x0B5F73), OnAccent: rgb(0xFFFFFF), AccentSoft: rgb(0xDFEFF2), Hover: rgb(0xEDF2F5),
		Good: rgb(0x1B683A), GoodSoft: rgb(0xE2F2E7),
		Warn: rgb(0x7F4700), WarnSoft: rgb(0xFDEFD8),
		Danger: rgb(0xB3201B), OnDanger: rgb(0xFFFFFF), DangerSoft: rgb(0xFBE7E5),
		Paper: rgb(0xFFFFFF), Desk: rgb(0xDDE3E8), Ink: rgb(0x0B5F73),
	}
}

func darkPalette() palette {
	return palette{
		Ground: rgb(0x10161B), Surface: rgb(0x182027), Raised: rgb(0x202A33),
		Line: rgb(0x2B3640), Edge: rgb(0x70808D),
		Text: rgb(0xE7ECF0), Muted: rgb(0xA3B0BB), Faint: rgb(0x8B98A3),
		Accent: rgb(0x5BBDCF), OnAccent: rgb(0x04262D), AccentSoft: rgb(0x173B44), Hover: rgb(0x222D36),
		Good: rgb(0x7FCE97), GoodSoft: rgb(0x17331F),
		Warn: rgb(0xF0B65F), WarnSoft: rgb(0x3A2B12),
		Danger: rgb(0xFF8F86), OnDanger: rgb(0x3A0907), DangerSoft: rgb(0x401C1B),
		Paper: rgb(0xFFFFFF), Desk: rgb(0x0B1014), Ink: rgb(0x0B5F73),
	}
}

// productColours mark the products: four hues that stay apart for the usual
// kinds of colour blindness (Okabe and Ito), always beside the word.
func productColours() map[string]color.NRGBA {
	return map[string]color.NRGBA{
		"standard":      rgb(0x7C8B98),
		"priority":      rgb(0x0072B2),
		"registered":    rgb(0xE69F00),
		"international": rgb(0x009E73),
	}
}
