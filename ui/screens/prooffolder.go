package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// folder lets a person choose a picture on the disk.
type folder struct {
	at      *Context
	model   *viewmodel.Folder
	take    func(path string)
	title   *widgets.Paragraph
	path    *widgets.Paragraph
	fault   *widgets.Notice
	table   *widgets.Table
	open    *widgets.Button
	leave   *widgets.Button
	content *fyne.Container
	shown   bool
}

func newFolder(at *Context, model *viewmodel.Folder, take func(path string)) *folder {
	kit := at.Kit
	f := &folder{at: at, model: model, take: take}
	f.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	f.path = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	f.fault = widgets.NewNotice(kit, nil)
	f.table = widgets.NewTable(kit, []widgets.TableColumn{{Key: "name", Width: 220}, {Key: "at", Width: 112, Right: true, Rank: 1}})
	f.table.Rows = func() int { return len(model.Entries) }
	f.table.Cells = f.fill
	f.table.OnChosen = model.Choose
	f.table.OnOpened = func(int) { f.enter() }
	f.open = widgets.NewButton(kit, widgets.Primary, "check", f.enter).Tall()
	f.leave = widgets.NewButton(kit, widgets.Plain, "", model.Leave).Tall()
	f.content = container.New(widgets.Arrange{Place: f.place, Least: func() fyne.Size {
		return fyne.NewSize(kit.Theme.Grow(240), kit.Theme.Grow(240))
	}}, f.title, f.path, f.fault, f.table, f.open, f.leave)
	return f
}

func (f *folder) enter() {
	if path, ok := f.model.Enter(); ok {
		f.take(path)
	}
}

// above goes to the folder above, while one is looked into.
func (f *folder) above() {
	if f.model.Open {
		f.model.Up()
	}
}

func (f *folder) fill(row int, cells []widgets.Cell) {
	e := f.model.Entries[row]
	cells[0] = widgets.Cell{Text: e.Name, Tone: theme.Text}
	if e.Dir {
		mood := widgets.Calm("folder-open")
		cells[0].Chip = &mood
		if e.Name == ".." {
			cells[0].Text = f.at.say("folder.above")
		}
		return
	}
	cells[1] = widgets.Cell{Text: f.at.Texts().Moment(e.At.Local(), f.at.Now()), Tone: theme.Muted}
}

func (f *folder) place(s fyne.Size) {
	pad, y := 2*theme.Unit, float32(12)
	width := s.Width - 2*pad
	for _, o := range []fyne.CanvasObject{f.title, f.path, f.fault} {
		if o.Visible() {
			h := widgets.HeightFor(o, width)
			widgets.Put(o, pad, y, width, h)
			y += h + 4
		}
	}
	y += theme.Unit
	h := f.open.MinSize().Height
	foot := s.Height - pad - h
	half := (width - theme.Unit) / 2
	widgets.Put(f.leave, pad, foot, half, h)
	widgets.Put(f.open, pad+half+theme.Unit, foot, half, h)
	widgets.Put(f.table, 0, y, s.Width, foot-12-y)
}

func (f *folder) redraw() {
	c, m := f.at, f.model
	f.title.Set(c.say("folder.title"))
	f.path.Set(m.Path)
	c.notice(f.fault, m.Fault)
	f.table.SetTitles([]string{c.say("folder.name"), c.say("folder.at")})
	f.table.Update(m.Chosen)
	label := c.say("folder.take")
	if m.Chosen >= 0 && m.Chosen < len(m.Entries) && m.Entries[m.Chosen].Dir {
		label = c.say("folder.open")
	}
	f.open.Set(label, "Enter")
	f.open.Enable(!m.Loading && m.Chosen >= 0)
	f.leave.Set(c.say("folder.leave"), "Esc")
	widgets.Relayout(f.content)
	if m.Open && !f.shown {
		c.Focus(f.table)
	}
	f.shown = m.Open
}
