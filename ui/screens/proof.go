package screens

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// proof is the pane of the receipt: how far the proof of the chosen deposit is
// and, once a picture is taken, what stands on it.
type proof struct {
	at    *Context
	model *viewmodel.Proof
	owner *DropOff
	disk  *folder

	// without a picture
	title  *widgets.Paragraph
	chip   *widgets.Chip
	facts  []*fact
	kept   *widgets.Notice
	bad    *widgets.Notice
	folder *widgets.Notice
	drop   *widgets.Empty
	browse *widgets.Button
	path   *widgets.Entry
	take   *widgets.Button
	scans  *widgets.Button // from the watched folder
	column *widgets.Column
	flow   *widgets.Flow
	idle   *fyne.Container

	// with one
	name    *widgets.Paragraph
	away    *widgets.Button
	tools   []*widgets.Button
	photo   *widgets.Photo
	reading *widgets.Empty
	fault   *widgets.Notice
	weak    *widgets.Notice
	vouch   *widgets.Check
	lines   []*proofLine
	others  []*widgets.Paragraph
	count   *widgets.Paragraph
	letters *widgets.Pile
	scroll  *container.Scroll
	keep    *widgets.Button
	busy    *fyne.Container
	shown   bool // a picture is there and was read
	content fyne.CanvasObject
}

func newProof(at *Context, model *viewmodel.Proof, disk *viewmodel.Folder, owner *DropOff) *proof {
	p := &proof{at: at, model: model, owner: owner}
	p.disk = newFolder(at, disk, func(path string) { model.Take([]string{path}) })
	p.buildIdle()
	p.buildPicture()
	p.content = widgets.NewPanel(at.Kit, theme.Surface, widgets.Left, container.NewStack(p.idle, p.disk.content, p.busy))
	return p
}

func (p *proof) buildIdle() {
	kit, m := p.at.Kit, p.model
	p.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	p.chip = widgets.NewChip(kit)
	p.kept = widgets.NewNotice(kit, nil)
	p.bad = widgets.NewNotice(kit, m.Dismiss)
	p.folder = widgets.NewNotice(kit, nil)
	p.bad.OnCopy, p.folder.OnCopy = p.at.Copy, p.at.Copy
	items := []fyne.CanvasObject{p.title, widgets.NewRow(kit, theme.Unit, p.chip)}
	for range 3 {
		f := newFact(kit)
		p.facts = append(p.facts, f)
		items = append(items, f.Container)
	}
	items = append(items, p.kept, p.bad, p.folder)
	p.column = widgets.NewColumn(kit, 12, items...).On(theme.Surface, 2*theme.Unit)
	p.flow = widgets.NewFlow(p.column)
	p.drop = widgets.NewEmpty(kit, "image", nil)
	p.browse = widgets.NewButton(kit, widgets.Plain, "folder-open", p.askFile).Tall()
	p.path = widgets.NewEntry(kit)
	p.path.OnKey = func(ev *fyne.KeyEvent) bool {
		enter := ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter
		if enter {
			p.takeTyped()
		}
		return enter
	}
	p.take = widgets.NewButton(kit, widgets.Plain, "check", p.takeTyped)
	p.scans = widgets.NewButton(kit, widgets.Plain, "inbox", m.TakeFromFolder).Tall()
	p.idle = container.New(widgets.Arrange{
		Place: p.placeIdle,
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, p.flow, p.drop, p.scans, p.browse, p.path, p.take)
}

// takeTyped takes the file whose path was typed; a path copied in a file manager
// may be an address.
func (p *proof) takeTyped() {
	text := p.path.Text
	p.path.SetText("")
	p.Paste(text)
}

// Paste takes the files whose paths stand on the lines of a text.
func (p *proof) Paste(text string) {
	var paths []string
	for line := range strings.Lines(text) {
		line = strings.Trim(strings.TrimSpace(line), `"'`)
		if line = fromAddress(line); line != "" {
			paths = append(paths, line)
		}
	}
	p.model.Take(paths)
}

// placeIdle puts the facts above and what to do below, the rest of the pane
// being where a picture is dropped.
func (p *proof) placeIdle(s fyne.Size) {
	pad := 2 * theme.Unit
	y := s.Height - pad
	width, h := s.Width-2*pad, p.take.MinSize().Height
	go1 := min(p.take.MinSize().Width, width/2)
	if p.path.Visible() {
		y -= h
		widgets.Put(p.path, pad, y, width-go1-theme.Unit, h)
		widgets.Put(p.take, pad+width-go1, y, go1, h)
		y -= theme.Unit
	}
	for _, b := range []*widgets.Button{p.browse, p.scans} {
		if b.Visible() {
			y -= b.MinSize().Height
			widgets.Put(b, pad, y, width, b.MinSize().Height)
			y -= theme.Unit
		}
	}
	top := min(p.column.HeightFor(s.Width), y)
	widgets.Put(p.flow, 0, -4, s.Width, top)
	show(p.drop, y-top >= p.at.Kit.Theme.Grow(144))
	widgets.Put(p.drop, 0, top, s.Width, max(0, y-top))
}

func (p *proof) buildPicture() {
	kit, m := p.at.Kit, p.model
	p.name = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	p.away = widgets.NewButton(kit, widgets.Quiet, "x", m.PutAway)
	quiet := func(icon string, do func()) *widgets.Button {
		b := widgets.NewButton(kit, widgets.Quiet, icon, do)
		p.tools = append(p.tools, b)
		return b
	}
	quiet("rotate-ccw", func() { m.Turn(-1) })
	quiet("rotate-cw", func() { m.Turn(1) })
	quiet("crop", p.crop)
	quiet("undo-2", m.Uncut)
	quiet("zoom-out", func() { m.Magnify(-1) })
	quiet("maximize", m.Fit)
	quiet("zoom-in", func() { m.Magnify(1) })
	p.photo = widgets.NewPhoto(kit)
	p.photo.OnCut = m.Cut
	p.reading = widgets.NewEmpty(kit, "loader-circle", nil)
	p.fault = widgets.NewNotice(kit, m.Dismiss)
	p.fault.OnCopy = p.at.Copy
	p.weak = widgets.NewNotice(kit, nil)
	p.vouch = widgets.NewCheck(kit, m.Vouch)
	p.count = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	p.letters = widgets.NewPile(theme.Unit)
	p.letters.Margin = 12
	p.scroll = container.NewVScroll(p.letters)
	p.keep = widgets.NewButton(kit, widgets.Primary, "stamp", m.Keep).Tall()
	objects := []fyne.CanvasObject{p.name, p.away, p.photo, p.reading, p.fault, p.weak, p.vouch, p.count, p.scroll, p.keep}
	for _, b := range p.tools {
		objects = append(objects, b)
	}
	p.busy = container.New(widgets.Arrange{
		Place: p.placePicture,
		Least: func() fyne.Size { return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240)) },
	}, objects...)
}

// crop begins cutting, or cuts what is framed.
func (p *proof) crop() {
	if p.model.Cropping {
		p.photo.Cut()
		return
	}
	p.model.Crop(true)
	if p.model.Cropping {
		p.at.Focus(p.photo)
	}
}
