package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Queue shows the letters that wait: products at the left, the table in the
// middle, the chosen letter at the right.
type Queue struct {
	at      *Context
	model   *viewmodel.Queue
	preview *viewmodel.Preview

	groups    *widgets.Choices
	scopes    []viewmodel.Scope // what each line of groups stands for
	filter    *widgets.Entry
	count     *widgets.Paragraph
	condition *widgets.Notice
	fault     *widgets.Notice
	running   *widgets.Bar
	progress  *widgets.Paragraph
	cause     *widgets.Paragraph // why the batch stopped
	batch     *widgets.Column
	table     *widgets.Table
	empty     *widgets.Empty
	first     *widgets.Button // claim, in the empty state
	claim     *widgets.Button
	print     *widgets.Button
	letter    *letter
	top       *widgets.Column
	side      *widgets.Panel
	content   *fyne.Container
	foot      *fyne.Container
	spoken    string // the language that titles and words are in
	waiting   bool   // the focus comes once there are rows
}

var _ Screen = (*Queue)(nil)

func queueColumns() []widgets.TableColumn {
	return []widgets.TableColumn{
		{Key: string(viewmodel.ByCode), Width: 180, Least: 170},
		{Key: string(viewmodel.ByProduct), Width: 144, Least: 124, Rank: 4},
		{Key: string(viewmodel.ByPages), Width: 120, Least: 112, Right: true, Rank: 2},
		{Key: string(viewmodel.BySides), Width: 148, Rank: 5},
		{Key: string(viewmodel.ByEnvelope), Width: 104, Rank: 6},
		{Key: string(viewmodel.ByPaid), Width: 124, Right: true, Rank: 7},
		{Key: string(viewmodel.ByCutOff), Width: 124, Least: 112, Right: true, Rank: 1},
		{Key: string(viewmodel.ByFindings), Width: 112, Least: 96, Rank: 3},
		{Key: string(viewmodel.ByState), Width: 144, Least: 132},
	}
}

// NewQueue builds the screen.
func NewQueue(at *Context, model *viewmodel.Queue, preview *viewmodel.Preview) *Queue {
	q := &Queue{at: at, model: model, preview: preview}
	kit := at.Kit
	q.groups = widgets.NewChoices(kit)
	q.groups.OnChosen = func(i int) { model.SetScope(q.scopes[i]) }
	q.filter = widgets.NewEntry(kit)
	q.filter.OnChanged = model.SetFilter
	q.filter.OnKey = q.filterKey
	q.count = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	q.condition = widgets.NewNotice(kit, nil)
	q.fault = widgets.NewNotice(kit, model.Dismiss)
	q.condition.OnCopy, q.fault.OnCopy = at.Copy, at.Copy
	q.running = widgets.NewBar(kit)
	q.progress = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	q.cause = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	q.batch = widgets.NewColumn(kit, theme.Unit, q.progress, q.running, q.cause).On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
	q.first = widgets.NewButton(kit, widgets.Primary, "download", model.Claim).Tall()
	q.empty = widgets.NewEmpty(kit, "inbox", q.first)
	q.claim = widgets.NewButton(kit, widgets.Plain, "download", model.Claim).Tall()
	q.print = widgets.NewButton(kit, widgets.Primary, "printer", model.Print).Tall()
	q.letter = newLetter(at, preview, model)
	q.buildTable()
	q.build()
	return q
}

func (q *Queue) buildTable() {
	q.table = widgets.NewTable(q.at.Kit, queueColumns())
	q.table.Rows = func() int { return len(q.model.Rows) }
	q.table.Cells = func(row int, cells []widgets.Cell) { q.fill(&q.model.Rows[row], cells) }
	q.table.OnChosen = func(row int) { q.model.Select(q.model.Rows[row].ID) }
	q.table.OnOpened = func(int) { q.preview.Show() }
	q.table.OnSorted = func(column string) { q.model.SortBy(viewmodel.Column(column)) }
	q.table.OnRune = q.typed
}

func (q *Queue) build() {
	kit := q.at.Kit
	q.side = widgets.NewPanel(kit, theme.Surface, widgets.Right, container.NewVScroll(container.New(widgets.Arrange{
		Place: func(s fyne.Size) { widgets.Put(q.groups, 0, theme.Unit, s.Width, s.Height-theme.Unit) },
		Least: func() fyne.Size { return q.groups.MinSize().AddWidthHeight(0, theme.Unit) },
	}, q.groups)))
	q.top = widgets.NewColumn(kit, theme.Unit, q.condition, q.fault, q.batch)
	middle := widgets.NewPanel(kit, theme.Surface, widgets.None, container.NewStack(q.table, q.empty))
	q.foot = container.New(widgets.Arrange{Place: q.placeFoot, Least: q.leastFoot}, q.claim, q.print)
	foot := widgets.NewPanel(kit, theme.Ground, widgets.Top, q.foot)
	q.content = container.New(widgets.Arrange{
		Place: func(s fyne.Size) { q.place(s, middle, foot) },
		Least: func() fyne.Size { return fyne.NewSize(640, 320) },
	}, q.side, q.filter, q.count, q.top, middle, foot, q.letter.content)
}

// place gives the letter a third of the width, and more while it is read.
func (q *Queue) place(s fyne.Size, middle, foot fyne.CanvasObject) {
	left := q.at.Kit.Theme.Grow(216)
	if s.Width < 1080 {
		left = q.at.Kit.Theme.Grow(180)
	}
	grow := q.at.Kit.Theme.Grow
	right := min(max(s.Width*0.27, min(grow(296), s.Width*0.43)), grow(440))
	if q.preview.Open && q.model.Errand == nil {
		right = min(max(s.Width*0.42, grow(380)), grow(880))
	}
	if s.Width-left-right < grow(360) {
		left = 0
	}
	if q.preview.Open && q.model.Errand == nil && s.Width-right < grow(360) {
		right = s.Width // a letter that is read comes before the list
	}
	for _, o := range []fyne.CanvasObject{q.filter, q.count, q.top, middle, foot} {
		show(o, right < s.Width)
	}
	show(q.side, left > 0 && right < s.Width)
	widgets.Put(q.side, 0, 0, left, s.Height)
	widgets.Put(q.letter.content, s.Width-right, 0, right, s.Height)
	pad, width := 2*theme.Unit, s.Width-left-right
	height := q.filter.MinSize().Height
	count := min(q.at.Kit.Theme.Grow(150), width/3)
	lines := q.count.HeightFor(count)
	widgets.Put(q.filter, left+pad, 12, width-3*pad-count, height)
	widgets.Put(q.count, left+width-pad-count, 12+(height-lines)/2, count, lines)
	y := 12 + height + 12
	if h := q.top.HeightFor(width - 2*pad); h > 0 {
		widgets.Put(q.top, left+pad, y, width-2*pad, h)
		y += h + 12
	}
	bottom := q.footHeight(width)
	widgets.Put(middle, left, y, width, s.Height-bottom-y)
	widgets.Put(foot, left, s.Height-bottom, width, bottom)
}

func (q *Queue) leastFoot() fyne.Size {
	return fyne.NewSize(q.at.Kit.Theme.Grow(240), q.print.MinSize().Height+24)
}

// stacked tells whether the two buttons need a line each.
func (q *Queue) stacked(width float32) bool {
	return q.claim.MinSize().Width+q.print.Least() > width-3*2*theme.Unit
}

func (q *Queue) footHeight(width float32) float32 {
	if q.stacked(width) {
		return 2*q.print.MinSize().Height + 32
	}
	return q.leastFoot().Height
}

func (q *Queue) placeFoot(s fyne.Size) {
	q.print.Set(q.printLabel(""), "Ctrl+P")
	for _, length := range []string{".short", ".least"} {
		if q.print.Least() > s.Width-4*theme.Unit {
			q.print.Set(q.printLabel(length), "Ctrl+P")
		}
	}
	pad, claim := 2*theme.Unit, q.claim.MinSize()
	if q.stacked(s.Width) {
		widgets.Put(q.print, pad, 12, s.Width-2*pad, claim.Height)
		widgets.Put(q.claim, pad, 20+claim.Height, s.Width-2*pad, claim.Height)
		return
	}
	widgets.Put(q.claim, pad, 12, claim.Width, claim.Height)
	widgets.Put(q.print, 2*pad+claim.Width, 12, s.Width-3*pad-claim.Width, claim.Height)
}

// fill writes a job into a row of the table.
func (q *Queue) fill(j *station.Job, cells []widgets.Cell) {
	c, t := q.at, q.at.Texts()
	mood := stateMood(j.State)
	cells[0] = widgets.Cell{Text: j.Code.Grouped(), Tone: theme.Text, Bold: true}
	cells[1] = widgets.Cell{Text: c.product(j.Product), Tone: theme.Text, Product: string(j.Product)}
	cells[2] = widgets.Cell{Text: t.Number(j.Pages) + " / " + t.Number(j.Sheets), Tone: theme.Text}
	cells[3] = widgets.Cell{Text: c.sides(j.Duplex, j.Colour), Tone: theme.Text}
	cells[4] = widgets.Cell{Text: c.envelope(j.Envelope), Tone: theme.Text}
	cells[5] = widgets.Cell{Text: t.Moment(j.PaidAt, c.Now()), Tone: theme.Muted}
	cells[6] = widgets.Cell{Text: t.Moment(j.CutOff, c.Now()), Tone: c.urgency(j)}
	cells[7] = c.findings(j)
	cells[8] = widgets.Cell{Text: c.state(j.State), Chip: &mood}
}

// Name implements Screen.
func (q *Queue) Name() string { return "queue" }

// Icon implements Screen.
func (q *Queue) Icon() string { return "layers" }

// Content implements Screen.
func (q *Queue) Content() fyne.CanvasObject { return q.content }

// Focus implements Screen.
func (q *Queue) Focus() {
	if q.waiting = !q.model.Ready; q.waiting {
		return
	}
	if len(q.model.Rows) == 0 && q.first.Visible() && q.empty.Visible() {
		q.at.Focus(q.first)
		return
	}
	q.at.Focus(q.table)
}

// Redraw implements Screen.
func (q *Queue) Redraw() {
	m, c := q.model, q.at
	if q.spoken != c.Texts().Tag {
		q.spoken = c.Texts().Tag
		q.relabel()
	}
	if q.filter.Text != m.Filter {
		q.filter.SetText(m.Filter)
	}
	q.count.Set(c.say("queue.count", language.Args{"Count": len(m.Rows), "Total": m.Total}))
	q.redrawGroups()
	q.redrawTrouble()
	q.redrawBatch()
	q.redrawActions()
	q.redrawRows()
	q.letter.redraw()
	asked := q.letter.errand.redraw()
	q.top.Refresh()
	widgets.Relayout(q.content)
	widgets.Relayout(q.foot)
	switch {
	case asked && m.Errand != nil:
		q.letter.errand.focus()
	case asked, q.waiting && m.Ready:
		q.Focus()
	}
}

func (q *Queue) relabel() {
	titles := make([]string, 0, len(queueColumns()))
	for _, column := range queueColumns() {
		titles = append(titles, q.at.say("column."+column.Key))
	}
	q.table.SetTitles(titles)
	q.filter.SetPlaceHolder(q.at.say("queue.filter"))
	q.model.SetWords(q.at.words())
}

// handOver moves the focus to the rows when they take the place of the button
// that brought them.
func (q *Queue) handOver(arrived bool) {
	if focused := q.at.Focused(); arrived && !q.waiting && (focused == nil || focused == q.first) {
		show(q.table, true)
		q.at.Focus(q.table)
	}
}

func (q *Queue) redrawRows() {
	m := q.model
	q.handOver(q.empty.Visible() && len(m.Rows) > 0)
	q.table.SetSorted(string(m.Sort.Column), m.Sort.Down)
	q.table.Update(q.model.Row())
	show(q.table, len(m.Rows) > 0)
	show(q.empty, len(m.Rows) == 0)
	show(q.first, m.Ready && m.Total == 0 && m.CanClaim())
	if len(m.Rows) > 0 {
		return
	}
	switch {
	case !m.Ready:
		q.empty.Set("loader-circle", q.at.say("queue.loading"), "")
	case m.Total == 0:
		q.empty.Set("inbox", q.at.say("queue.empty.what"), q.at.say("queue.empty.do"))
	default:
		q.empty.Set("search", q.at.say("queue.nomatch.what"), q.at.say("queue.nomatch.do"))
	}
}
