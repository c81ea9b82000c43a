package theme

import (
	"image/color"
	"math"

	"fyne.io/fyne/v2"
	toolkit "fyne.io/fyne/v2/theme"

	"espero-soft.com/printroom/assets/fonts"
)

// Brightness is light, dark, or as the desktop has it.
type Brightness string

// The kinds of brightness.
const (
	System Brightness = "system"
	Light  Brightness = "light"
	Dark   Brightness = "dark"
)

// Look is what a person chose of the window's look.
type Look struct {
	Brightness Brightness
	TextSize   int // percent, 100 to 200
}

// TextSizes lists the text sizes that are offered, in percent.
func TextSizes() []int { return []int{100, 125, 150, 175, 200} }

// Theme gives the toolkit and our widgets their colours, sizes, fonts and
// icons. It belongs to the UI goroutine.
type Theme struct {
	look        Look
	systemDark  func() bool
	light, dark palette
	products    map[string]color.NRGBA
	icons       *icons
	regular     fyne.Resource
	semibold    fyne.Resource
	bold        fyne.Resource
}

var _ fyne.Theme = (*Theme)(nil)

// New returns a theme. systemDark tells whether the desktop is dark; nil means
// it is not.
func New(look Look, systemDark func() bool) *Theme {
	t := &Theme{
		systemDark: systemDark, light: lightPalette(), dark: darkPalette(),
		products: productColours(), icons: newIcons(),
		regular:  fyne.NewStaticResource("IBMPlexSans-Regular.ttf", fonts.Regular),
		semibold: fyne.NewStaticResource("IBMPlexSans-SemiBold.ttf", fonts.SemiBold),
		bold:     fyne.NewStaticResource("IBMPlexSans-Bold.ttf", fonts.Bold),
	}
	t.SetLook(look)
	return t
}

// Look returns the look there is.
func (t *Theme) Look() Look { return t.look }

// SetLook changes the look; sizes out of range are brought into it. Give the
// theme to the application's settings again to redraw the window.
func (t *Theme) SetLook(l Look) {
	if l.Brightness == "" {
		l.Brightness = System
	}
	l.TextSize = min(max(l.TextSize, 100), 200)
	t.look = l
}

// IsDark tells whether the dark palette is in use.
func (t *Theme) IsDark() bool {
	switch t.look.Brightness {
	case Dark:
		return true
	case Light:
		return false
	default:
		return t.systemDark != nil && t.systemDark()
	}
}

func (t *Theme) palette() *palette {
	if t.IsDark() {
		return &t.dark
	}
	return &t.light
}

// Of returns a colour.
func (t *Theme) Of(c Colour) color.NRGBA { return t.palette()[c] }

// Product returns the mark colour of a product, or of a PersonMark.
func (t *Theme) Product(name string) color.NRGBA {
	if c, ok := t.person(name); ok {
		return c
	}
	if c, ok := t.products[name]; ok {
		return c
	}
	return t.Of(Muted)
}

// Unit is one step of the 8-pixel grid; it does not grow with the text.
const Unit float32 = 8

// Scale is the text size as a factor.
func (t *Theme) Scale() float32 { return float32(t.look.TextSize) / 100 }

// Grow scales a length with the text size, on whole pixels.
func (t *Theme) Grow(length float32) float32 {
	return float32(math.Round(float64(length * t.Scale())))
}

// The type sizes, before scaling.
const (
	Caption float32 = 12
	Body    float32 = 14
	Strong  float32 = 16
	Title   float32 = 20
	Display float32 = 28
)

// Color implements fyne.Theme.
func (t *Theme) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if c, ok := toolkitColour(name); ok {
		return t.Of(c)
	}
	switch name {
	case toolkit.ColorNameShadow:
		return color.NRGBA{A: 0x18}
	case toolkit.ColorNameOverlayBackground, toolkit.ColorNameMenuBackground:
		return t.Of(Raised)
	case toolkit.ColorNameFocus:
		return t.Of(AccentSoft)
	case toolkit.ColorNameScrollBarBackground:
		return color.NRGBA{}
	}
	variant := toolkit.VariantLight
	if t.IsDark() {
		variant = toolkit.VariantDark
	}
	return toolkit.DefaultTheme().Color(name, variant)
}

func toolkitColour(name fyne.ThemeColorName) (Colour, bool) {
	c, ok := map[fyne.ThemeColorName]Colour{
		toolkit.ColorNameBackground:          Ground,
		toolkit.ColorNameButton:              Surface,
		toolkit.ColorNameDisabledButton:      Surface,
		toolkit.ColorNameDisabled:            Faint,
		toolkit.ColorNameError:               Danger,
		toolkit.ColorNameForeground:          Text,
		toolkit.ColorNameForegroundOnError:   OnDanger,
		toolkit.ColorNameForegroundOnPrimary: OnAccent,
		toolkit.ColorNameHeaderBackground:    Surface,
		toolkit.ColorNameHover:               Hover,
		toolkit.ColorNameHyperlink:           Accent,
		toolkit.ColorNameInputBackground:     Raised,
		toolkit.ColorNameInputBorder:         Edge,
		toolkit.ColorNamePlaceHolder:         Muted,
		toolkit.ColorNamePressed:             AccentSoft,
		toolkit.ColorNamePrimary:             Accent,
		toolkit.ColorNameScrollBar:           Edge,
		toolkit.ColorNameSelection:           AccentSoft,
		toolkit.ColorNameSeparator:           Line,
		toolkit.ColorNameSuccess:             Good,
		toolkit.ColorNameWarning:             Warn,
	}[name]
	return c, ok
}

// Font implements fyne.Theme: one family, SemiBold as the bold face of running
// text. Codes are set in the same family: its figures are of one width.
func (t *Theme) Font(style fyne.TextStyle) fyne.Resource {
	switch {
	case style.Symbol:
		return toolkit.DefaultTheme().Font(style)
	case style.Bold && style.Italic:
		return t.bold
	case style.Bold:
		return t.semibold
	default:
		return t.regular
	}
}

// Icon implements fyne.Theme with the toolkit's own icons, which only its
// menus and fields use.
func (t *Theme) Icon(name fyne.ThemeIconName) fyne.Resource {
	return toolkit.DefaultTheme().Icon(name)
}

// Size implements fyne.Theme.
func (t *Theme) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case toolkit.SizeNameText:
		return t.Grow(Body)
	case toolkit.SizeNameCaptionText:
		return t.Grow(Caption)
	case toolkit.SizeNameSubHeadingText:
		return t.Grow(Strong)
	case toolkit.SizeNameHeadingText:
		return t.Grow(Title)
	case toolkit.SizeNameInlineIcon:
		return t.Grow(20)
	case toolkit.SizeNameInputRadius, toolkit.SizeNameButtonRadius, toolkit.SizeNameSelectionRadius,
		toolkit.SizeNameMenuRadius, toolkit.SizeNamePopupRadius, toolkit.SizeNameDialogRadius:
		return Radius
	case toolkit.SizeNameScrollBar:
		return 10
	case toolkit.SizeNameScrollBarSmall:
		return 4
	}
	return toolkit.DefaultTheme().Size(name)
}

// Radius is the corner of everything that has one.
const Radius float32 = 6
