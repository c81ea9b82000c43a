package screens

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// DropOff shows what goes to the post: the pieces that are ready at the left,
// the deposit being made or a closed one in the middle, with the list of them
// below, and the receipt at the right.
type DropOff struct {
	at    *Context
	model *viewmodel.DropOff
	// Suggest gives the path that a deposit's slip is saved under.
	Suggest func(number string) string

	head     *widgets.Paragraph // over the products
	picks    []*widgets.Pick
	products []postal.Product
	hint     *widgets.Paragraph
	side     *widgets.Panel
	list     *fyne.Container // inside side

	title    *widgets.Paragraph
	under    *widgets.Paragraph
	back     *widgets.Button // to the deposit before and after this one
	next     *widgets.Button
	fault    *widgets.Notice
	said     *widgets.Notice
	warn     *widgets.Notice // registered letters without a number
	saving   *savePath
	top      *widgets.Column
	pieces   *widgets.Table
	empty    *widgets.Empty
	asking   *reasons
	close    *widgets.Button
	print    *widgets.Button
	save     *widgets.Button
	out      *widgets.Button
	foot     *fyne.Container
	deposits *widgets.Table
	proof    *proof
	content  *fyne.Container
	spoken   string
	waiting  bool
}

var _ Screen = (*DropOff)(nil)

func pieceColumns() []widgets.TableColumn {
	return []widgets.TableColumn{
		{Key: "piece.code", Width: 160},
		{Key: "piece.product", Width: 128, Rank: 2},
		{Key: "piece.sheets", Width: 72, Right: true, Rank: 1},
		{Key: "piece.state", Width: 176},
	}
}

func depositColumns() []widgets.TableColumn {
	return []widgets.TableColumn{
		{Key: "deposit.number", Width: 148},
		{Key: "deposit.closed", Width: 104, Right: true, Rank: 2},
		{Key: "deposit.pieces", Width: 76, Right: true},
		{Key: "deposit.proven", Width: 92, Right: true, Rank: 1},
		{Key: "deposit.proof", Width: 176},
	}
}

// NewDropOff builds the screen.
func NewDropOff(at *Context, model *viewmodel.DropOff, receipts *viewmodel.Proof, disk *viewmodel.Folder) *DropOff {
	d := &DropOff{at: at, model: model, Suggest: func(number string) string { return number + ".pdf" }}
	kit := at.Kit
	d.head = widgets.NewParagraph(kit, theme.Caption, theme.Muted, true)
	d.hint = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	d.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	d.under = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	d.back = widgets.NewButton(kit, widgets.Quiet, "chevron-left", func() { model.Step(-1) })
	d.next = widgets.NewButton(kit, widgets.Quiet, "chevron-right", func() { model.Step(1) })
	d.fault = widgets.NewNotice(kit, model.Dismiss)
	d.fault.OnCopy = at.Copy
	d.said = widgets.NewNotice(kit, nil)
	d.warn = widgets.NewNotice(kit, nil)
	d.saving = newSavePath(at, model)
	d.top = widgets.NewColumn(kit, theme.Unit, d.fault, d.said, d.warn, d.saving.column)
	d.empty = widgets.NewEmpty(kit, "package", nil)
	d.asking = newReasons(at, model)
	d.close = widgets.NewButton(kit, widgets.Primary, "package-check", model.CloseDeposit).Tall()
	d.print = widgets.NewButton(kit, widgets.Plain, "printer", model.PrintSlip).Tall()
	d.save = widgets.NewButton(kit, widgets.Plain, "file-down", d.askPath).Tall()
	d.out = widgets.NewButton(kit, widgets.Plain, "package-x", model.AskOut).Tall()
	d.proof = newProof(at, receipts, disk, d)
	d.buildTables()
	d.build()
	return d
}

func (d *DropOff) buildTables() {
	m := d.model
	d.pieces = widgets.NewTable(d.at.Kit, pieceColumns())
	d.pieces.Rows = func() int { return len(m.Rows) }
	d.pieces.Cells = func(row int, cells []widgets.Cell) { d.fillPiece(m.Rows[row], cells) }
	d.pieces.OnChosen = func(row int) { m.Select(m.Rows[row].Attempt) }
	d.pieces.OnOpened = func(int) { m.AskOut() }
	d.deposits = widgets.NewTable(d.at.Kit, depositColumns())
	d.deposits.Rows = func() int { return len(m.Deposits) + 1 }
	d.deposits.Cells = d.fillDeposit
	d.deposits.OnChosen = func(row int) {
		if row == 0 {
			m.Choose("")
		} else {
			m.Choose(m.Deposits[row-1].Number)
		}
	}
	d.deposits.OnOpened = func(int) { d.at.Focus(d.pieces) }
}

func (d *DropOff) build() {
	kit := d.at.Kit
	d.list = container.New(widgets.Arrange{Place: d.placeList, Least: d.leastList}, d.head, d.hint)
	d.side = widgets.NewPanel(kit, theme.Surface, widgets.Right, container.NewVScroll(d.list))
	middle := widgets.NewPanel(kit, theme.Surface, widgets.None, container.NewStack(d.pieces, d.empty, d.asking.flow))
	d.foot = container.New(widgets.Arrange{Place: d.placeFoot, Least: func() fyne.Size {
		return fyne.NewSize(kit.Theme.Grow(240), d.close.MinSize().Height+24)
	}}, d.close, d.print, d.save, d.out)
	foot := widgets.NewPanel(kit, theme.Ground, widgets.Top, d.foot)
	below := widgets.NewPanel(kit, theme.Surface, widgets.Top, d.deposits)
	d.content = container.New(widgets.Arrange{
		Place: func(s fyne.Size) { d.place(s, middle, foot, below) },
		Least: func() fyne.Size { return fyne.NewSize(640, 320) },
	}, d.side, d.title, d.under, d.back, d.next, d.top, middle, foot, below, d.proof.content)
}

// fillPiece writes a piece into a row of the table.
func (d *DropOff) fillPiece(r viewmodel.PieceRow, cells []widgets.Cell) {
	mood := pieceMood(r)
	cells[0] = widgets.Cell{Text: r.Attempt.Grouped(), Tone: theme.Text, Bold: true}
	cells[1] = widgets.Cell{Text: d.at.product(r.Product), Tone: theme.Text, Product: string(r.Product)}
	cells[2] = widgets.Cell{Text: d.at.Texts().Number(r.Sheets), Tone: theme.Text}
	cells[3] = widgets.Cell{Text: d.at.piece(r), Chip: &mood}
}

// fillDeposit writes a deposit into a row; the first is the one being made.
func (d *DropOff) fillDeposit(row int, cells []widgets.Cell) {
	c, t, m := d.at, d.at.Texts(), d.model
	if row == 0 {
		mood := widgets.Busy("package")
		cells[0] = widgets.Cell{Text: c.say("dropoff.next"), Tone: theme.Text, Bold: true}
		cells[2] = widgets.Cell{Text: t.Number(m.Sum.Pieces), Tone: theme.Text}
		cells[4] = widgets.Cell{Text: c.say("dropoff.being_made"), Chip: &mood}
		return
	}
	v := m.Deposits[row-1]
	mood := proofMood(v)
	cells[0] = widgets.Cell{Text: v.Number, Tone: theme.Text, Bold: true}
	cells[1] = widgets.Cell{Text: t.Moment(v.Closed.Local(), c.Now()), Tone: theme.Muted}
	cells[2] = widgets.Cell{Text: t.Number(v.Pieces), Tone: theme.Text}
	cells[3] = widgets.Cell{Text: "–", Tone: theme.Muted}
	if v.Registered > 0 {
		cells[3] = widgets.Cell{Text: t.Number(v.Proven) + " / " + t.Number(v.Registered), Tone: theme.Text}
	}
	cells[4] = widgets.Cell{Text: c.proofWord(v), Chip: &mood}
}
