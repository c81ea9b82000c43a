package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Press shows what is printed: the piles of letters that wait for somebody at
// the left, the printer, the running batch and the letters of a pile in the
// middle, the chosen letter with its verdicts at the right.
type Press struct {
	at    *Context
	model *viewmodel.Press

	piles     *widgets.Choices
	tabs      *widgets.Tabs // the piles, where there is no room for a list
	side      *widgets.Panel
	condition *widgets.Notice
	fault     *widgets.Notice
	scanned   *widgets.Notice
	machine   *machine
	headline  *widgets.Paragraph
	top       *widgets.Column
	above     *widgets.Flow // top, which scrolls where the rows need the room
	table     *widgets.Table
	empty     *widgets.Empty
	queue     *widgets.Button
	verdict   *verdict
	middle    *widgets.Panel
	content   *fyne.Container
	spoken    string // the language that titles are in
	stage     string // what the focus was last put on for
	waiting   bool   // the focus comes once there are letters
}

var _ Screen = (*Press)(nil)

func pressColumns() []widgets.TableColumn {
	return []widgets.TableColumn{
		{Key: "code", Width: 160},
		{Key: "product", Width: 136, Rank: 4},
		{Key: "pages", Width: 108, Right: true, Rank: 1},
		{Key: "state", Width: 124},
		{Key: "attempt", Width: 80, Right: true, Rank: 3},
		{Key: "asked", Width: 152, Rank: 2},
	}
}

// NewPress builds the screen; queue goes to the letters that wait.
func NewPress(at *Context, model *viewmodel.Press, queue func()) *Press {
	p := &Press{at: at, model: model}
	kit := at.Kit
	look := func(i int) { model.Look(model.Piles[i].PileKey) }
	p.piles, p.tabs = widgets.NewChoices(kit), widgets.NewTabs(kit)
	p.piles.OnChosen, p.tabs.OnChosen = look, look
	p.piles.OnOpened = func(int) { at.Focus(p.table) }
	p.condition, p.fault = widgets.NewNotice(kit, nil), widgets.NewNotice(kit, model.Dismiss)
	p.scanned = widgets.NewNotice(kit, nil)
	p.condition.OnCopy, p.fault.OnCopy = at.Copy, at.Copy
	p.machine = newMachine(at, model)
	p.headline = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	p.queue = widgets.NewButton(kit, widgets.Primary, "layers", queue).Tall()
	p.empty = widgets.NewEmpty(kit, "printer-check", p.queue)
	p.verdict = newVerdict(at, model)
	p.buildTable()
	p.build()
	return p
}

func (p *Press) buildTable() {
	p.table = widgets.NewTable(p.at.Kit, pressColumns())
	p.table.Rows = func() int { return len(p.model.Rows) }
	p.table.Cells = func(row int, cells []widgets.Cell) { p.fill(&p.model.Rows[row], cells) }
	p.table.OnChosen = func(row int) { p.model.Select(p.model.Rows[row].ID) }
	p.table.OnOpened = func(int) { p.verdict.focus() }
}

func (p *Press) build() {
	kit := p.at.Kit
	p.side = widgets.NewPanel(kit, theme.Surface, widgets.Right, container.NewVScroll(container.New(widgets.Arrange{
		Place: func(s fyne.Size) { widgets.Put(p.piles, 0, theme.Unit, s.Width, s.Height-theme.Unit) },
		Least: func() fyne.Size { return p.piles.MinSize().AddWidthHeight(0, theme.Unit) },
	}, p.piles)))
	p.top = widgets.NewColumn(kit, 12, p.condition, p.fault, p.machine.column, p.scanned, p.headline)
	p.above = widgets.NewFlow(p.top)
	for _, b := range p.machine.buttons() {
		b.OnFocus = func() { p.above.Reveal(b) }
	}
	p.middle = widgets.NewPanel(kit, theme.Surface, widgets.None, container.NewStack(p.table, p.empty))
	p.content = container.New(widgets.Arrange{
		Place: p.place,
		Least: func() fyne.Size { return fyne.NewSize(640, 320) },
	}, p.side, p.tabs, p.above, p.middle, p.verdict.content)
}

// place gives the chosen letter a third of the width. Where the list of piles
// has no room they stand on one line above the rest.
func (p *Press) place(s fyne.Size) {
	grow, any := p.at.Kit.Theme.Grow, len(p.model.Piles) > 0
	left, right := grow(216), min(max(s.Width*0.28, grow(328)), grow(440), s.Width*0.45)
	if !any {
		left, right = 0, 0
	}
	list := any && s.Width-left-right >= grow(420)
	if !list {
		left = 0
	}
	show(p.side, list)
	show(p.tabs, any && !list)
	show(p.verdict.content, any)
	widgets.Put(p.side, 0, 0, left, s.Height)
	widgets.Put(p.verdict.content, s.Width-right, 0, right, s.Height)
	pad, width, y := 2*theme.Unit, s.Width-left-right, float32(0)
	if p.tabs.Visible() {
		y = p.tabs.MinSize().Height
		widgets.Put(p.tabs, 0, 0, width, y)
	}
	h := min(p.top.HeightFor(width-2*pad), s.Height-y-pad-12-p.table.MinSize().Height)
	widgets.Put(p.above, left+pad, y+pad, width-2*pad, h)
	y += h + pad + 12
	widgets.Put(p.middle, left, y, width, max(0, s.Height-y))
}

// fill writes a job into a row of the table.
func (p *Press) fill(j *station.Job, cells []widgets.Cell) {
	c, t := p.at, p.at.Texts()
	mood, tone := stateMood(j.State), theme.Text
	if j.Number > 1 {
		tone = theme.Warn
	}
	cells[0] = widgets.Cell{Text: j.Code.Grouped(), Tone: theme.Text, Bold: true}
	cells[1] = widgets.Cell{Text: c.product(j.Product), Tone: theme.Text, Product: string(j.Product)}
	cells[2] = widgets.Cell{Text: t.Number(j.Pages) + " / " + t.Number(j.Sheets), Tone: theme.Text}
	cells[3] = widgets.Cell{Text: c.state(j.State), Chip: &mood}
	if j.Number > 0 {
		cells[4] = widgets.Cell{Text: t.Number(j.Number), Tone: tone}
	}
	text, tone := c.asked(j)
	cells[5] = widgets.Cell{Text: text, Tone: tone}
}

// Name implements Screen.
func (p *Press) Name() string { return "press" }

// Icon implements Screen.
func (p *Press) Icon() string { return "printer" }

// Content implements Screen.
func (p *Press) Content() fyne.CanvasObject { return p.content }

// Focus implements Screen.
func (p *Press) Focus() {
	switch p.waiting = !p.model.Ready; {
	case p.waiting:
	case p.model.Ask != nil:
		p.verdict.ask.focus()
	case len(p.model.Rows) == 0:
		p.at.Focus(p.queue)
	default:
		p.at.Focus(p.table)
	}
}

// Lock forgets what was typed.
func (p *Press) Lock() { p.verdict.ask.second.pin.Wipe() }

// Redraw implements Screen.
func (p *Press) Redraw() {
	if p.spoken != p.at.Texts().Tag {
		p.spoken = p.at.Texts().Tag
		titles := make([]string, 0, len(pressColumns()))
		for _, column := range pressColumns() {
			titles = append(titles, p.at.say("column."+column.Key))
		}
		p.table.SetTitles(titles)
	}
	p.redrawPiles()
	p.redrawTrouble()
	p.machine.redraw()
	p.redrawScanned()
	p.redrawRows()
	p.verdict.redraw()
	p.above.Refresh()
	widgets.Relayout(p.content)
	p.follow()
}

// follow puts the focus where a question or its end asks for it.
func (p *Press) follow() {
	stage := p.verdict.ask.stage()
	if p.model.CallOff != "" {
		stage = "call " + p.model.CallOff
	}
	moved := stage != p.stage
	p.stage = stage
	switch {
	case !p.content.Visible() || !p.model.Ready:
	case p.waiting:
		p.Focus()
	case moved && p.model.CallOff != "":
		p.at.Focus(p.machine.leave)
	case moved:
		p.Focus()
	}
}
