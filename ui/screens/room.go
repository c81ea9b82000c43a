package screens

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Room shows what stands in the room and how it is: a list of parts at the
// left, the chosen one at the right. Admins act here; the others see.
type Room struct {
	at    *Context
	model *viewmodel.Room

	sections *widgets.Choices
	tabs     *widgets.Tabs // the same, where there is no room for a list
	parts    map[viewmodel.Section]roomPart
	side     *widgets.Panel
	content  *fyne.Container
	shown    viewmodel.Section // the part in sight
}

var _ Screen = (*Room)(nil)

// roomPart is what one section shows.
type roomPart interface {
	flow() *widgets.Flow
	redraw()
	// first is where the keyboard goes on from the list, nil for nowhere.
	first() fyne.Focusable
}

// readable is the width of a line of text that the eye still follows.
const readable float32 = 760

// NewRoom builds the screen.
func NewRoom(at *Context, model *viewmodel.Room) *Room {
	r := &Room{at: at, model: model, shown: viewmodel.SectionPrinters}
	r.sections = widgets.NewChoices(at.Kit)
	r.tabs = widgets.NewTabs(at.Kit)
	r.sections.OnChosen = func(i int) { model.Go(viewmodel.Sections()[i]) }
	r.tabs.OnChosen = r.sections.OnChosen
	r.parts = map[viewmodel.Section]roomPart{
		viewmodel.SectionPrinters:    newRoomPrinters(at, model),
		viewmodel.SectionPeople:      newRoomPeople(at, model),
		viewmodel.SectionKeys:        newRoomKeys(at, model),
		viewmodel.SectionRetention:   newRoomRetention(at, model),
		viewmodel.SectionDiagnostics: newRoomDiagnostics(at, model),
		viewmodel.SectionVersions:    newRoomVersions(at, model),
	}
	r.build()
	return r
}

func (r *Room) build() {
	kit := r.at.Kit
	r.side = widgets.NewPanel(kit, theme.Surface, widgets.Right, container.NewVScroll(container.New(widgets.Arrange{
		Place: func(s fyne.Size) { widgets.Put(r.sections, 0, theme.Unit, s.Width, s.Height-theme.Unit) },
		Least: func() fyne.Size { return r.sections.MinSize().AddWidthHeight(0, theme.Unit) },
	}, r.sections)))
	pages := container.NewStack()
	for _, s := range viewmodel.Sections() {
		page := r.parts[s].flow()
		show(page, s == r.shown)
		pages.Add(page)
	}
	r.content = container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			left, top := kit.Theme.Grow(216), float32(0)
			narrow := s.Width-left < kit.Theme.Grow(420)
			if narrow {
				left, top = 0, r.tabs.MinSize().Height
			}
			show(r.side, !narrow)
			show(r.tabs, narrow)
			widgets.Put(r.side, 0, 0, left, s.Height)
			widgets.Put(r.tabs, 0, 0, s.Width, top)
			widgets.Put(pages, left, top, s.Width-left, s.Height-top)
		},
		Least: func() fyne.Size { return fyne.NewSize(640, 320) },
	}, r.side, r.tabs, pages)
}

// sectionIcons are the icons of the list.
func sectionIcon(s viewmodel.Section) string {
	switch s {
	case viewmodel.SectionPrinters:
		return "printer"
	case viewmodel.SectionPeople:
		return "users"
	case viewmodel.SectionKeys:
		return "key-round"
	case viewmodel.SectionRetention:
		return "hourglass"
	case viewmodel.SectionDiagnostics:
		return "activity"
	default:
		return "info"
	}
}

// Name implements Screen.
func (r *Room) Name() string { return "room" }

// Icon implements Screen.
func (r *Room) Icon() string { return "settings-2" }

// Content implements Screen.
func (r *Room) Content() fyne.CanvasObject { return r.content }

// Focus implements Screen.
func (r *Room) Focus() {
	if r.tabs.Visible() {
		r.at.Focus(r.tabs)
		return
	}
	r.at.Focus(r.sections)
}

// Redraw implements Screen.
func (r *Room) Redraw() {
	m := r.model
	items := make([]widgets.Choice, 0, len(r.parts))
	for _, s := range viewmodel.Sections() {
		items = append(items, r.choice(s))
	}
	r.sections.Set(items, slices.Index(viewmodel.Sections(), m.Section))
	r.tabs.Set(items, slices.Index(viewmodel.Sections(), m.Section))
	if r.shown != m.Section {
		show(r.parts[r.shown].flow(), false)
		r.shown = m.Section
		r.parts[r.shown].flow().Rewind()
	}
	part := r.parts[r.shown]
	part.redraw()
	show(part.flow(), true)
	part.flow().Refresh()
	widgets.Relayout(r.content)
}

// choice is a line of the list; under it stands what matters of the part.
func (r *Room) choice(s viewmodel.Section) widgets.Choice {
	m, c := r.model, r.at
	item := widgets.Choice{Label: c.say("room.section." + string(s)), Icon: sectionIcon(s), Tone: theme.Muted}
	switch {
	case s == viewmodel.SectionPrinters && len(m.Printers) > 0:
		item.Count = c.Texts().Number(len(m.Printers))
	case s == viewmodel.SectionPeople && m.About != nil:
		item.Count = c.Texts().Number(len(m.About.People))
	}
	if n := r.troubles(s); n > 0 {
		item.Under, item.Tone = c.say("room.troubles", language.Args{"Count": n}), theme.Danger
		item.Icon, item.Count = "octagon-alert", ""
	}
	return item
}

// troubles counts what of a part needs somebody.
func (r *Room) troubles(s viewmodel.Section) (n int) {
	m := r.model
	switch s {
	case viewmodel.SectionPrinters:
		for _, p := range m.Printers {
			if bad(p.Lamp) {
				n++
			}
		}
	case viewmodel.SectionKeys:
		if m.Endpoint != "" || bad(m.Lamps["tpm"]) {
			n++
		}
		if end := r.at.certificateTone(m); end == theme.Danger || end == theme.Warn {
			n++
		}
	case viewmodel.SectionDiagnostics:
		for _, part := range lampParts() {
			if bad(m.Lamps[part]) {
				n++
			}
		}
	}
	return n
}

// roomPage is a section's page: a title, what it is about, and its parts below.
type roomPage struct {
	at     *Context
	page   *widgets.Flow
	title  *widgets.Paragraph
	about  *widgets.Paragraph
	fault  *widgets.Notice
	column *widgets.Column
}

// newRoomPage builds a page of parts; the fault of the last act stands on top.
func newRoomPage(at *Context, m *viewmodel.Room, parts ...fyne.CanvasObject) roomPage {
	kit := at.Kit
	p := roomPage{
		at:    at,
		title: widgets.NewParagraph(kit, theme.Strong, theme.Text, true),
		about: widgets.NewParagraph(kit, theme.Body, theme.Muted, false),
		fault: widgets.NewNotice(kit, m.Dismiss),
	}
	p.fault.OnCopy = at.Copy
	head := widgets.NewColumn(kit, 4, p.title, p.about)
	p.column = widgets.NewColumn(kit, 2*theme.Unit, append([]fyne.CanvasObject{head, p.fault}, parts...)...).
		On(theme.Ground, 3*theme.Unit).AtMost(readable)
	p.page = widgets.NewFlow(p.column)
	return p
}

func (p roomPage) flow() *widgets.Flow { return p.page }

// head says what the page is and what went wrong on it.
func (p roomPage) head(m *viewmodel.Room) {
	section := string(m.Section)
	p.title.Set(p.at.say("room.section." + section))
	p.about.Set(p.at.say("room.about." + section))
	p.at.notice(p.fault, m.Fault)
}

// card is a part of a page on a ground of its own.
func card(kit *widgets.Kit, items ...fyne.CanvasObject) *widgets.Column {
	return widgets.NewColumn(kit, 2*theme.Unit, items...).On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
}
