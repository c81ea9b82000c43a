package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/ui/theme"
)

// Notice tells what happened, what it means and what to do; the technical
// cause is behind its details button and can be copied.
type Notice struct {
	widget.BaseWidget
	kit     *Kit
	OnCopy  func(text string)
	mood    Mood
	what    *Paragraph
	body    *Paragraph
	cause   *Paragraph
	details *Button
	copied  *Button
	dismiss *Button
	buttons *Row
	column  *Column
	pic     *canvas.Image
	back    *canvas.Rectangle
	open    bool
	context string
}

// NoticeWords are the labels of a notice's buttons.
type NoticeWords struct{ Details, Hide, Copy, Dismiss string }

// NewNotice returns a hidden notice; dismiss may be nil when it can't be put
// away.
func NewNotice(kit *Kit, dismiss func()) *Notice {
	n := &Notice{kit: kit, pic: kit.picture(), back: box(theme.Radius)}
	n.what = NewParagraph(kit, theme.Body, theme.Text, true)
	n.body = NewParagraph(kit, theme.Body, theme.Text, false)
	n.cause = NewParagraph(kit, theme.Caption, theme.Muted, false)
	n.details = NewButton(kit, Quiet, "", nil)
	n.copied = NewButton(kit, Quiet, "copy", func() {
		if n.OnCopy != nil {
			n.OnCopy(n.cause.Text())
		}
	})
	n.dismiss = NewButton(kit, Quiet, "", dismiss)
	n.details.flush, n.copied.flush, n.dismiss.flush = true, true, true
	n.buttons = NewRow(kit, 3*theme.Unit, n.details, n.copied, n.dismiss)
	n.column = NewColumn(kit, 4, n.what, n.body, n.cause, n.buttons)
	if dismiss == nil {
		n.dismiss.Hide()
	}
	n.ExtendBaseWidget(n)
	n.Hide()
	return n
}

// Set changes what it says and shows it; cause is the technical one, "" when
// there is none.
func (n *Notice) Set(mood Mood, what, body, cause string, words NoticeWords) {
	if what+cause != n.context {
		n.open, n.context = false, what+cause
	}
	n.mood = mood
	n.what.Set(what)
	n.body.Set(body)
	n.cause.Set(cause)
	n.details.OnTapped = func() {
		n.open = !n.open
		n.arrange(words)
	}
	n.copied.Set(words.Copy, "")
	n.dismiss.Set(words.Dismiss, "")
	n.arrange(words)
	n.Show()
}

// What returns what it says happened, "" while it is hidden.
func (n *Notice) What() string {
	if !n.Visible() {
		return ""
	}
	return n.what.Text()
}

func (n *Notice) arrange(words NoticeWords) {
	show := func(o fyne.CanvasObject, on bool) {
		if on {
			o.Show()
		} else {
			o.Hide()
		}
	}
	hasCause := n.cause.Text() != ""
	label := words.Details
	if n.open {
		label = words.Hide
	}
	n.details.Set(label, "")
	show(n.body, n.body.Text() != "")
	show(n.details, hasCause)
	show(n.cause, hasCause && n.open)
	show(n.copied, hasCause && n.open)
	show(n.buttons, hasCause || n.dismiss.Visible())
	n.Refresh()
}

func (n *Notice) inset() (left, pad float32) {
	pad = 2 * theme.Unit
	return pad + n.kit.Theme.Grow(20) + 12, pad
}

// HeightFor returns the height it takes in a width.
func (n *Notice) HeightFor(width float32) float32 {
	left, pad := n.inset()
	return 2*12 + n.column.HeightFor(width-left-pad)
}

// CreateRenderer implements fyne.Widget.
func (n *Notice) CreateRenderer() fyne.WidgetRenderer {
	refresh := func() {
		n.back.FillColor = n.kit.Theme.Of(n.mood.Ground)
		n.back.StrokeColor, n.back.StrokeWidth = n.kit.Theme.Of(n.mood.Tone), 1
		n.back.Refresh()
		n.kit.icon(n.pic, n.mood.Icon, n.mood.Tone)
		n.what.SetTone(n.mood.Tone)
		n.column.Refresh()
	}
	refresh()
	return &drawn{
		of: n, objects: []fyne.CanvasObject{n.back, n.pic, n.column}, refresh: refresh,
		layout: func(s fyne.Size) {
			left, pad := n.inset()
			side := n.kit.Theme.Grow(20)
			n.back.Resize(s)
			place(n.pic, pad, 12, side, side)
			place(n.column, left, 12, s.Width-left-pad, s.Height-24)
		},
		min: func() fyne.Size {
			width := n.kit.Theme.Grow(200)
			return fyne.NewSize(width, n.HeightFor(max(width, n.Size().Width)))
		},
	}
}

// Row puts parts side by side at the size they need, the first at the left.
type Row struct {
	widget.BaseWidget
	kit   *Kit
	gap   float32
	items []fyne.CanvasObject
}

// NewRow returns a row of parts, gap apart.
func NewRow(kit *Kit, gap float32, items ...fyne.CanvasObject) *Row {
	r := &Row{kit: kit, gap: gap, items: items}
	r.ExtendBaseWidget(r)
	return r
}

// CreateRenderer implements fyne.Widget.
func (r *Row) CreateRenderer() fyne.WidgetRenderer {
	each := func(do func(fyne.CanvasObject, fyne.Size)) (size fyne.Size) {
		for _, o := range r.items {
			if !o.Visible() {
				continue
			}
			m := o.MinSize()
			do(o, size)
			size.Width += m.Width + r.gap
			size.Height = max(size.Height, m.Height)
		}
		size.Width = max(0, size.Width-r.gap)
		return size
	}
	return &drawn{
		of: r, objects: r.items, refresh: func() {},
		min: func() fyne.Size { return each(func(fyne.CanvasObject, fyne.Size) {}) },
		layout: func(s fyne.Size) {
			each(func(o fyne.CanvasObject, at fyne.Size) {
				m := o.MinSize()
				place(o, at.Width, (s.Height-m.Height)/2, m.Width, m.Height)
			})
		},
	}
}
