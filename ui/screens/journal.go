package screens

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
)

// Journal shows the access journal: whether it is whole at the top, who is in
// it at the left, the picture and the accesses in the middle, the open one at
// the right.
type Journal struct {
	at    *Context
	model *viewmodel.Journal

	states  *journalStates
	kinds   *widgets.Choices // all, unusual
	who     *widgets.Paragraph
	people  *widgets.Choices
	readers []string // pseudonyms, by line of people
	letter  *widgets.Entry
	action  *widgets.Dropdown
	times   *journalTimes
	hours   *widgets.Hours
	count   *widgets.Paragraph
	tail    *widgets.Chip   // how many entries are not countersigned
	mode    *widgets.Notice // why no letter can be opened
	again   *widgets.Button
	fault   *widgets.Notice
	said    *widgets.Notice
	export  *journalExport
	top     *widgets.Column
	above   *widgets.Flow // top, which scrolls where the accesses need the room
	table   *widgets.Table
	empty   *widgets.Empty
	entry   *journalEntry
	closed  *widgets.Empty // what an operator sees
	side    *widgets.Panel
	picture *widgets.Panel
	list    *widgets.Panel // table or empty
	head    *widgets.Panel // states
	content *fyne.Container
	spoken  string
	waiting bool // the focus comes once there are rows
}

var _ Screen = (*Journal)(nil)

func journalColumns() []widgets.TableColumn {
	return []widgets.TableColumn{
		{Key: "time", Width: 136, Least: 128},
		{Key: "person", Width: 152, Least: 116},
		{Key: "action", Width: 176, Least: 152},
		{Key: "letter", Width: 168, Rank: 2},
		{Key: "outcome", Width: 152, Least: 128, Rank: 3},
		{Key: "unusual", Width: 208, Least: 160, Rank: 1},
	}
}

// NewJournal builds the screen.
func NewJournal(at *Context, model *viewmodel.Journal) *Journal {
	j := &Journal{at: at, model: model}
	kit := at.Kit
	j.export = newJournalExport(at, model, j.Focus, func(o fyne.CanvasObject) { j.above.Reveal(o) })
	j.states = newJournalStates(at, model, func() { j.export.set(!j.export.open) })
	j.kinds = widgets.NewChoices(kit)
	j.kinds.OnChosen = func(i int) { model.SetUnusual(i == 1) }
	j.who = widgets.NewParagraph(kit, theme.Caption, theme.Muted, true)
	j.people = widgets.NewChoices(kit)
	j.people.Low = true
	j.people.OnChosen = func(i int) { model.SetPerson(j.readers[i]) }
	j.letter = widgets.NewEntry(kit)
	j.letter.OnChanged = model.TypeLetter
	j.letter.OnKey = j.letterKey
	j.action = widgets.NewDropdown(kit)
	j.action.OnChosen = func(i int) { model.SetAction(journalActions()[i]) }
	j.times = newJournalTimes(at, model)
	j.hours = widgets.NewHours(kit)
	j.hours.OnChosen = model.SetBar
	j.count = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	j.tail = widgets.NewChip(kit)
	j.again = widgets.NewButton(kit, widgets.Quiet, "refresh-cw", model.Reload)
	j.fault = widgets.NewNotice(kit, model.Dismiss)
	j.said = widgets.NewNotice(kit, model.Dismiss)
	j.mode = widgets.NewNotice(kit, nil)
	j.mode.OnCopy, j.fault.OnCopy, j.said.OnCopy = at.Copy, at.Copy, at.Copy
	j.top = widgets.NewColumn(kit, theme.Unit, j.mode, j.fault, j.said, j.export.column)
	j.above = widgets.NewFlow(j.top)
	j.empty = widgets.NewEmpty(kit, "scroll-text", nil)
	j.closed = widgets.NewEmpty(kit, "lock", nil)
	j.entry = newJournalEntry(at, model)
	j.buildTable()
	j.build()
	return j
}

func (j *Journal) buildTable() {
	j.table = widgets.NewTable(j.at.Kit, journalColumns())
	j.table.Rows = j.model.Count
	j.table.Cells = func(row int, cells []widgets.Cell) { j.fill(j.model.Row(row), cells) }
	j.table.OnChosen = j.model.Select
	j.table.OnOpened = j.model.OpenAt
	j.table.OnRune = func(r rune) {
		j.at.Focus(j.letter)
		j.letter.TypedRune(r)
	}
}

func (j *Journal) build() {
	kit := j.at.Kit
	j.side = widgets.NewPanel(kit, theme.Surface, widgets.Right, container.NewVScroll(container.New(widgets.Arrange{
		Place: j.placeSide, Least: func() fyne.Size {
			return j.people.MinSize().AddWidthHeight(0, j.kinds.MinSize().Height+j.who.MinSize().Height+4*theme.Unit)
		},
	}, j.kinds, j.who, j.people)))
	j.head = widgets.NewPanel(kit, theme.Surface, widgets.Bottom, j.states.content)
	j.picture = widgets.NewPanel(kit, theme.Surface, widgets.Bottom, j.hours)
	j.list = widgets.NewPanel(kit, theme.Surface, widgets.None, container.NewStack(j.table, j.empty))
	j.content = container.New(widgets.Arrange{
		Place: j.place, Least: func() fyne.Size { return fyne.NewSize(640, 320) },
	}, j.head, j.side, j.letter, j.action, j.times.content, j.above, j.picture, j.count, j.tail, j.again, j.list, j.entry.content, j.closed)
}

// journalActions are the choices of the action filter, the first one being all.
func journalActions() []journal.Action {
	return append([]journal.Action{""}, journal.Actions()...)
}

// Name implements Screen.
func (j *Journal) Name() string { return "journal" }

// Icon implements Screen.
func (j *Journal) Icon() string { return "scroll-text" }

// Content implements Screen.
func (j *Journal) Content() fyne.CanvasObject { return j.content }

// Focus implements Screen. It is where the journal begins to be read.
func (j *Journal) Focus() {
	j.model.Enter()
	if j.waiting = !j.model.Ready; j.waiting {
		return
	}
	if j.model.Count() == 0 {
		j.at.Focus(j.times.focus())
		return
	}
	j.at.Focus(j.table)
}

// Lock puts away what lies over the window.
func (j *Journal) Lock() {
	j.action.Close()
	j.times.list.Close()
	j.export.months.Close()
	j.entry.why.Close()
	j.export.open = false
}

// Redraw implements Screen.
func (j *Journal) Redraw() {
	m, c := j.model, j.at
	show(j.closed, !m.Permitted)
	for _, o := range append(j.middle(), j.head, j.side) {
		show(o, m.Permitted)
	}
	show(j.entry.content, m.Permitted && (m.Detail != nil || m.Opening))
	if !m.Permitted {
		j.closed.Set("lock", c.say("journal.closed.what"), c.say("journal.closed.do"))
		j.entry.redraw()
		return
	}
	if j.spoken != c.Texts().Tag {
		j.spoken = c.Texts().Tag
		j.relabel()
	}
	j.states.redraw()
	j.redrawFilters()
	j.redrawSide()
	j.redrawPicture()
	j.redrawTop()
	j.redrawRows()
	j.entry.redraw()
	j.side.Refresh()
	widgets.Relayout(j.content)
	if j.waiting && m.Ready {
		j.Focus()
	}
}

func (j *Journal) relabel() {
	var titles []string
	for _, column := range journalColumns() {
		titles = append(titles, j.at.say("journal.column."+column.Key))
	}
	j.table.SetTitles(titles)
	j.letter.SetPlaceHolder(j.at.say("journal.letter"))
	j.again.Set("", "")
	j.times.relabel()
}

func (j *Journal) redrawFilters() {
	m, c := j.model, j.at
	if want := m.Filter.Letter; j.letter.Text != want && c.Focused() != fyne.Focusable(j.letter) {
		j.letter.SetText(want)
	}
	var actions []string
	for _, a := range journalActions() {
		if a == "" {
			actions = append(actions, c.say("journal.action.every"))
		} else {
			actions = append(actions, c.journalAction(a))
		}
	}
	j.action.Set(actions, max(0, slices.Index(journalActions(), m.Filter.Action)))
	j.times.redraw()
}
