package screens

import (
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Redraw implements Screen.
func (d *DropOff) Redraw() {
	if d.spoken != d.at.Texts().Tag {
		d.spoken = d.at.Texts().Tag
		d.relabel()
	}
	d.redrawProducts()
	d.redrawTitle()
	d.redrawNotices()
	d.redrawPieces()
	d.redrawActions()
	d.deposits.Update(d.depositRow())
	d.proof.redraw()
	d.top.Refresh()
	widgets.Relayout(d.content)
	widgets.Relayout(d.foot)
	if d.waiting && d.model.Ready {
		d.Focus()
	}
}

func (d *DropOff) relabel() {
	for _, t := range []struct {
		table   *widgets.Table
		columns []widgets.TableColumn
	}{{d.pieces, pieceColumns()}, {d.deposits, depositColumns()}} {
		var titles []string
		for _, column := range t.columns {
			titles = append(titles, d.at.say("column."+column.Key))
		}
		t.table.SetTitles(titles)
	}
	d.head.Set(d.at.say("dropoff.ready"))
	d.hint.Set(d.at.say("dropoff.hint"))
}

func (d *DropOff) depositRow() int {
	for i, v := range d.model.Deposits {
		if v.Number == d.model.Chosen {
			return i + 1
		}
	}
	return 0
}

// redrawProducts shows a line for each product that has pieces.
func (d *DropOff) redrawProducts() {
	c, m := d.at, d.model
	for len(d.picks) < len(m.Products) {
		i := len(d.picks)
		pick := widgets.NewPick(c.Kit, func() {
			if i < len(d.products) {
				m.Tick(d.products[i])
			}
		})
		d.picks = append(d.picks, pick)
		d.list.Add(pick)
	}
	d.products = d.products[:0]
	for i, p := range m.Products {
		d.products = append(d.products, p.Product)
		under := c.say("dropoff.sheets", language.Args{"Count": p.Sheets})
		if p.Waiting > 0 {
			under = c.say("dropoff.waiting", language.Args{"Count": p.Waiting})
		}
		d.picks[i].Set(widgets.Choice{
			Label: c.product(p.Product), Product: string(p.Product), Count: c.Texts().Number(p.Ready), Under: under,
		}, p.Ticked)
	}
	for i, pick := range d.picks {
		show(pick, i < len(m.Products))
	}
	widgets.Relayout(d.list)
}

func (d *DropOff) redrawTitle() {
	c, m := d.at, d.model
	v := m.Deposit()
	d.back.Enable(m.Chosen != "")
	d.next.Enable(d.depositRow() < len(m.Deposits))
	if v == nil {
		d.title.Set(c.say("dropoff.next"))
		d.under.Set(c.say("dropoff.sum", language.Args{"Count": m.Sum.Pieces, "Sheets": m.Sum.Sheets, "Registered": m.Sum.Registered}))
		return
	}
	d.title.Set(c.say("dropoff.deposit", language.Args{"Number": v.Number}))
	d.under.Set(c.say("dropoff.closed", language.Args{
		"Count": v.Pieces, "Time": c.Texts().Moment(v.Closed.Local(), c.Now()), "Registered": v.Registered,
	}))
}

func (d *DropOff) redrawNotices() {
	c, m := d.at, d.model
	c.notice(d.fault, m.Fault)
	d.said.Hide()
	if m.Said.Word != viewmodel.SaidNothing {
		d.said.Set(saidMood(m.Said.Word), c.said(m.Said), "", "", widgets.NoticeWords{})
	}
	d.warn.Hide()
	if n := m.Sum.Unnumbered; n > 0 && m.Chosen == "" && m.Label == "" {
		d.warn.Set(widgets.Warn("scan-barcode"), c.say("dropoff.unnumbered.what", language.Args{"Count": n}),
			c.say("dropoff.unnumbered.do"), "", widgets.NoticeWords{})
	}
	d.saving.redraw(c)
	if m.Asking != "" { // one question at a time
		d.said.Hide()
		d.warn.Hide()
	}
}

// said is the sentence for what became of a scan or an act.
func (c *Context) said(s viewmodel.Said) string {
	return c.say("dropoff.said."+string(s.Word), language.Args{"Code": s.Code.Grouped(), "Name": s.Name})
}

func saidMood(w viewmodel.Word) widgets.Mood {
	switch w {
	case viewmodel.SaidLabel, viewmodel.SaidLetter:
		return widgets.Busy("scan-barcode")
	case viewmodel.SaidOut, viewmodel.SaidReturned:
		return widgets.Warn("package-x")
	case viewmodel.SaidWaits, viewmodel.SaidHere:
		return widgets.Calm("mail-check")
	}
	return widgets.Good("check")
}

func (d *DropOff) redrawPieces() {
	c, m := d.at, d.model
	d.pieces.Update(m.Row())
	asking := m.Asking != ""
	was := d.asking.flow.Visible()
	show(d.asking.flow, asking)
	show(d.pieces, !asking && len(m.Rows) > 0)
	show(d.empty, !asking && len(m.Rows) == 0)
	switch {
	case asking:
		d.asking.redraw(was)
	case !m.Ready, m.Chosen != "" && len(m.Rows) == 0:
		d.empty.Set("loader-circle", c.say("dropoff.loading"), "")
	case len(m.Rows) == 0:
		d.empty.Set("package", c.say("dropoff.empty.what"), c.say("dropoff.empty.do"))
	}
	if v := m.Deposit(); v != nil && v.Pieces == 0 && len(m.Rows) == 0 {
		d.empty.Set("package", c.say("dropoff.emptied.what"), c.say("dropoff.emptied.do"))
	}
	if was && !asking {
		d.at.Focus(d.pieces)
	}
}

func (d *DropOff) redrawActions() {
	c, m := d.at, d.model
	making := m.Chosen == ""
	show(d.close, making && m.Asking == "")
	show(d.print, !making && m.Asking == "")
	show(d.save, !making && m.Asking == "")
	label := c.say("dropoff.close", language.Args{"Count": m.Sum.Pieces})
	switch {
	case m.Closing:
		label = c.say("dropoff.closing")
	case m.Sum.Pieces == 0:
		label = c.say("dropoff.close.nothing")
	}
	d.close.Set(label, "Ctrl+D")
	d.close.Enable(m.CanClose())
	label = c.say("dropoff.print")
	if m.Printing != "" {
		label = c.say("dropoff.printing")
	}
	d.print.Set(label, "Ctrl+P")
	d.print.Enable(m.CanPrint())
	d.save.Set(c.say("dropoff.save"), "Ctrl+S")
	d.save.Enable(!m.Saving)
	d.redrawOut()
}

// redrawOut names what can be done with the chosen piece.
func (d *DropOff) redrawOut() {
	c, m := d.at, d.model
	i := m.Row()
	show(d.out, i >= 0 && m.Asking == "" && m.Rows[i].State != viewmodel.PieceWaits && m.Rows[i].State != viewmodel.PieceOrder)
	if i < 0 {
		return
	}
	icon, label := "package-x", "dropoff.takeout"
	switch {
	case m.Rows[i].State == viewmodel.PieceOut:
		icon, label = "undo-2", "dropoff.putback"
	case m.Chosen != "":
		label = "dropoff.takeback"
	}
	d.out.SetIcon(icon)
	d.out.Set(c.say(label), c.say("dropoff.delete"))
	d.out.Enable(!m.Acting)
}

// piece is the word for where a piece stands.
func (c *Context) piece(r viewmodel.PieceRow) string {
	switch {
	case r.State == viewmodel.PieceOut && r.Reason != "":
		return c.say("return." + string(r.Reason))
	case r.State == viewmodel.PieceIn && r.Registered && !r.Numbered:
		return c.say("piece.unnumbered")
	}
	return c.say("piece." + string(r.State))
}

func pieceMood(r viewmodel.PieceRow) widgets.Mood {
	switch r.State {
	case viewmodel.PieceIn:
		if r.Registered && !r.Numbered {
			return widgets.Warn("scan-barcode")
		}
		return widgets.Good("package-check")
	case viewmodel.PieceOut:
		return widgets.Warn("package-x")
	case viewmodel.PieceOrder:
		return widgets.Danger("hand")
	case viewmodel.PieceWaits:
		return widgets.Busy("send")
	case viewmodel.PieceProven:
		return widgets.Good("circle-check")
	case viewmodel.PieceMissing:
		return widgets.Warn("clock")
	case viewmodel.PieceDropped:
		return widgets.Calm("package-check")
	}
	return widgets.Calm("circle-dot")
}

// age is how long ago a deposit was closed: "3 h", "2 d".
func (c *Context) age(v station.DepositView) string {
	switch hours := int(c.Now().Sub(v.Closed).Hours()); {
	case hours < 1:
		return c.say("age.minutes", language.Args{"Minutes": max(0, int(c.Now().Sub(v.Closed).Minutes()))})
	case hours < 48:
		return c.say("age.hours", language.Args{"Hours": hours})
	default:
		return c.say("age.days", language.Args{"Days": hours / 24})
	}
}

// proofWord says how far the proof of a deposit is, with its age while it is
// pending.
func (c *Context) proofWord(v station.DepositView) string {
	switch {
	case v.Pieces == 0:
		return c.say("proof.none")
	case v.Pending():
		return c.say("proof.pending", language.Args{"Age": c.age(v)})
	case !v.Acknowledged:
		return c.say("proof.unsent")
	}
	return c.say("proof.complete")
}

func proofMood(v station.DepositView) widgets.Mood {
	switch {
	case v.Pieces == 0:
		return widgets.Calm("package")
	case v.Pending():
		return widgets.Warn("clock")
	case !v.Acknowledged:
		return widgets.Busy("send")
	}
	return widgets.Good("circle-check")
}
