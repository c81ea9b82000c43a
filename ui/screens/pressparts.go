package screens

import (
	"slices"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// redrawPiles lists what can't wait, the open batches and the held letters.
func (p *Press) redrawPiles() {
	m := p.model
	items := make([]widgets.Choice, len(m.Piles))
	for i := range m.Piles {
		items[i] = p.choice(&m.Piles[i])
	}
	chosen := slices.IndexFunc(m.Piles, func(o viewmodel.Pile) bool { return o.PileKey == m.Pile })
	p.piles.Set(items, chosen)
	p.tabs.Set(items, chosen)
}

func (p *Press) choice(pile *viewmodel.Pile) widgets.Choice {
	c := p.at
	item := widgets.Choice{Count: c.Texts().Number(pile.Open), Tone: theme.Muted}
	if pile.Kind == viewmodel.PileBatch {
		item.Label, item.Product = c.product(pile.Product), string(pile.Product)
		item.Under = c.say("pile.batch.under", language.Args{"Count": pile.Open, "Total": len(pile.Rows)})
		if pile.Running {
			item.Under = c.say("pile.batch.running")
		}
		if !pile.Begun.IsZero() {
			item.Under = c.Texts().Brief(pile.Begun.Local(), c.Now()) + " · " + item.Under
		}
		return item
	}
	item.Label = c.say("pile." + string(pile.Kind))
	item.Under = c.say("pile." + string(pile.Kind) + ".under")
	switch pile.Kind {
	case viewmodel.PileUncertain:
		item.Icon, item.Tone, item.Alarm = "triangle-alert", theme.Danger, true
	case viewmodel.PileOrders:
		item.Icon, item.Tone, item.Alarm = "trash-2", theme.Danger, true
	case viewmodel.PileHeld:
		item.Icon, item.Tone = "hand", theme.Warn
	}
	return item
}

// redrawTrouble shows the last fault of the person's own doing and, above it,
// why letters can't be opened.
func (p *Press) redrawTrouble() {
	m := p.model
	p.at.notice(p.fault, m.Fault)
	var f *station.Fault
	if m.NoDecryption != "" && (m.Fault == nil || m.Fault.Code != m.NoDecryption) {
		f = &station.Fault{Code: m.NoDecryption}
	}
	p.at.notice(p.condition, f)
}

// redrawScanned says which piece was scanned last and what is left.
func (p *Press) redrawScanned() {
	m, c := p.model, p.at
	if m.Scanned == nil {
		p.scanned.Hide()
		return
	}
	waiting := 0
	for _, j := range m.Rows {
		if viewmodel.Waits(j) && j.ID != m.Scanned.ID {
			waiting++
		}
	}
	left := c.say("press.scanned.none")
	if waiting > 0 {
		left = c.say("press.scanned.left", language.Args{"Count": waiting})
	}
	p.scanned.Set(widgets.Good("mail-check"), c.say("press.scanned.what", language.Args{"Code": m.Scanned.Code.Grouped()}), left, "", widgets.NoticeWords{})
}

// redrawRows shows the letters of the pile in sight, or why there are none.
func (p *Press) redrawRows() {
	m, c := p.model, p.at
	p.headline.Set(p.about())
	tone := theme.Text
	if m.Pile.Kind == viewmodel.PileUncertain || m.Pile.Kind == viewmodel.PileOrders {
		tone = theme.Danger
	}
	p.headline.SetTone(tone)
	show(p.headline, len(m.Rows) > 0)
	p.handOver(p.empty.Visible() && len(m.Rows) > 0)
	p.table.Update(m.Row())
	show(p.table, len(m.Rows) > 0)
	show(p.empty, len(m.Rows) == 0)
	show(p.queue, m.Ready)
	p.queue.Set(c.say("press.queue"), "Ctrl+1")
	if !m.Ready {
		p.empty.Set("loader-circle", c.say("press.loading"), "")
	} else {
		p.empty.Set("printer-check", c.say("press.empty.what"), c.say("press.empty.do"))
	}
}

// handOver moves the focus from the empty state's button to the rows that come
// in its place, and back when the last one goes.
func (p *Press) handOver(arrived bool) {
	focused := p.at.Focused()
	switch {
	case p.waiting || !p.content.Visible() || !p.model.Ready:
	case arrived && (focused == nil || focused == p.queue):
		show(p.table, true)
		p.at.Focus(p.table)
	case len(p.model.Rows) == 0 && p.table.Visible():
		show(p.empty, true)
		show(p.queue, true)
		p.at.Focus(p.queue)
	}
}

// about is what the pile in sight is.
func (p *Press) about() string {
	m, c := p.model, p.at
	i := slices.IndexFunc(m.Piles, func(o viewmodel.Pile) bool { return o.PileKey == m.Pile })
	if i < 0 {
		return ""
	}
	pile := &m.Piles[i]
	if pile.Kind != viewmodel.PileBatch {
		return c.say("pile." + string(pile.Kind) + ".about")
	}
	waiting := 0
	for _, j := range pile.Rows {
		if viewmodel.Waits(j) {
			waiting++
		}
	}
	return c.say("pile.batch.about", language.Args{"Product": c.product(pile.Product), "Count": waiting, "Total": len(pile.Rows)})
}
