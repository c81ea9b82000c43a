package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Bank is buttons that share a width: side by side while all of their labels
// fit, else one below the other.
type Bank struct {
	widget.BaseWidget
	buttons []*Button
}

// NewBank returns a bank of buttons; hidden ones take no room.
func NewBank(buttons ...*Button) *Bank {
	b := &Bank{buttons: buttons}
	b.ExtendBaseWidget(b)
	return b
}

func (b *Bank) shown() (list []*Button, least, height float32) {
	for _, o := range b.buttons {
		if o.Visible() {
			list = append(list, o)
			least = max(least, o.Least())
			height = max(height, o.MinSize().Height)
		}
	}
	return list, least, height
}

// each tells where the buttons go in a width: the width of one, the step to
// the next.
func (b *Bank) each(width float32) (list []*Button, one, dx, dy, height float32) {
	list, least, height := b.shown()
	n := float32(len(list))
	if n == 0 {
		return nil, 0, 0, 0, 0
	}
	if one = (width - (n-1)*theme.Unit) / n; one >= least {
		return list, one, one + theme.Unit, 0, height
	}
	return list, width, 0, height + theme.Unit, height
}

// HeightFor returns the height they take in a width.
func (b *Bank) HeightFor(width float32) float32 {
	list, _, _, dy, height := b.each(width)
	return height + max(0, float32(len(list)-1))*dy
}

// CreateRenderer implements fyne.Widget.
func (b *Bank) CreateRenderer() fyne.WidgetRenderer {
	objects := make([]fyne.CanvasObject, len(b.buttons))
	for i, o := range b.buttons {
		objects[i] = o
	}
	return &drawn{
		of: b, objects: objects, refresh: func() {},
		min: func() fyne.Size {
			_, least, _ := b.shown()
			return fyne.NewSize(least, b.HeightFor(max(least, b.Size().Width)))
		},
		layout: func(s fyne.Size) {
			list, one, dx, dy, height := b.each(s.Width)
			for i, o := range list {
				place(o, float32(i)*dx, float32(i)*dy, one, height)
			}
		},
	}
}
