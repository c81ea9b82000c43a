package widgets

import "fyne.io/fyne/v2"

// Arrange is a layout made of two functions.
type Arrange struct {
	Place func(fyne.Size)
	Least func() fyne.Size
}

var _ fyne.Layout = Arrange{}

// Layout implements fyne.Layout.
func (a Arrange) Layout(_ []fyne.CanvasObject, s fyne.Size) { a.Place(s) }

// MinSize implements fyne.Layout.
func (a Arrange) MinSize([]fyne.CanvasObject) fyne.Size { return a.Least() }

// Put places an object; for layouts of screens.
func Put(o fyne.CanvasObject, x, y, width, height float32) { place(o, x, y, width, height) }

// HeightFor returns the height an object takes in a width.
func HeightFor(o fyne.CanvasObject, width float32) float32 { return heightFor(o, width) }

// Relayout lays a container out again, for parts whose sizes changed, without
// drawing all of it anew.
func Relayout(c *fyne.Container) { c.Layout.Layout(c.Objects, c.Size()) }
