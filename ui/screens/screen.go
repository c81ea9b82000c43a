// Package screens holds one file a screen. Each builds its widgets once and
// redraws them from its view model, in the language of the moment; sentences
// are made here, from the codes and values of the model. All of it belongs to
// the UI goroutine.
package screens

import (
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/widgets"
)

// Screen is one place of the navigation rail.
type Screen interface {
	// Name is the screen's part of message keys: "screen.<name>".
	Name() string
	Icon() string
	Content() fyne.CanvasObject
	// Redraw shows the model as it is now.
	Redraw()
	// Focus puts the focus where work starts.
	Focus()
	Shortcuts() []Shortcut
	// Back does what Escape does, and tells whether there was anything to do.
	Back() bool
}

// Shortcut is a key and what it does.
type Shortcut struct {
	Key      fyne.KeyName
	Modifier fyne.KeyModifier
	Shown    string // how it is written, "Ctrl+P"
	Message  string // key of what it does, "" when the list leaves it out
	Do       func()
}

// Context is what every screen is given.
type Context struct {
	Kit   *widgets.Kit
	Texts func() *language.Texts // of the language of the moment
	Now   func() time.Time
	Copy  func(text string) // to the clipboard
	Focus func(fyne.Focusable)
	// Open shows a letter on another screen, by that screen's name, and tells
	// whether it could; Has tells whether there is such a screen.
	Open func(screen string, job station.Job) bool
	Has  func(screen string) bool
	// Focused is what has the focus, nil for nothing.
	Focused func() fyne.Focusable

	tables *postal.Tables // read when first asked for
}

// say returns a message.
func (c *Context) say(key string, args ...language.Args) string {
	return c.Texts().Say(key, args...)
}
