package screens

import (
	"slices"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// redrawGroups lists all letters, each product, and those that need somebody.
func (q *Queue) redrawGroups() {
	m, c := q.model, q.at
	items := []widgets.Choice{{
		Label: c.say("group.all"), Icon: "mails", Tone: theme.Muted, Count: c.Texts().Number(m.Total),
	}}
	q.scopes = append(q.scopes[:0], viewmodel.Scope{})
	for _, g := range m.Groups {
		items = append(items, widgets.Choice{
			Label: c.product(g.Product), Product: string(g.Product), Tone: theme.Muted,
			Count: c.Texts().Number(g.Letters),
			Under: c.say("group.under", language.Args{"Count": g.Sheets, "Time": c.Texts().Brief(g.CutOff, c.Now())}),
		})
		q.scopes = append(q.scopes, viewmodel.Scope{Product: g.Product})
	}
	if m.Attention > 0 {
		items = append(items, widgets.Choice{
			Label: c.say("group.attention"), Under: c.say("group.attention.under"), Icon: "hand",
			Tone: theme.Warn, Count: c.Texts().Number(m.Attention),
		})
		q.scopes = append(q.scopes, viewmodel.Scope{Attention: true})
	}
	q.groups.Set(items, max(0, slices.Index(q.scopes, m.Scope)))
}

// redrawTrouble shows the last fault of the person's own doing and, above it,
// what is wrong with the station.
func (q *Queue) redrawTrouble() {
	m := q.model
	q.at.notice(q.fault, m.Fault)
	var f *station.Fault
	switch {
	case m.NoDecryption != "":
		f = &station.Fault{Code: m.NoDecryption}
	case m.LastFault != nil && m.Central == station.LampBad:
		f = m.LastFault
	case m.Central == station.LampBad:
		f = &station.Fault{Code: station.CentralDown}
	case m.Printer == station.LampBad && m.Batch == nil:
		f = &station.Fault{Code: station.PrinterOff}
	}
	if f != nil && m.Fault != nil && f.Code == m.Fault.Code {
		f = nil // said once is enough
	}
	q.at.notice(q.condition, f)
}

func (q *Queue) redrawBatch() {
	b, c := q.model.Batch, q.at
	show(q.batch, b != nil)
	if b == nil {
		return
	}
	text, tone := c.say("batch.running", language.Args{"Done": b.Done, "Count": b.Total, "Printer": q.model.PrinterName}), theme.Text
	show(q.cause, b.Stopped != "")
	if b.Stopped != "" {
		what, body := c.faultTexts(b.Stopped)
		text, tone = c.say("batch.stopped", language.Args{"Done": b.Done, "Count": b.Total}), theme.Danger
		q.cause.Set(what + ". " + body)
	}
	q.progress.SetTone(tone)
	q.progress.Set(text)
	if b.Total > 0 {
		q.running.Set(float32(b.Done) / float32(b.Total))
	}
}

func (q *Queue) redrawActions() {
	m, c := q.model, q.at
	claim, icon := c.say("queue.claim"), "download"
	if m.Waiting > 0 {
		claim = c.say("queue.claim.waiting", language.Args{"Count": m.Waiting})
	}
	if m.Claiming {
		claim, icon = c.say("queue.claiming"), "loader-circle"
	}
	q.claim.SetIcon(icon)
	q.claim.Set(claim, "F5")
	q.claim.Enable(m.CanClaim())
	q.first.SetIcon(icon)
	q.first.Set(claim, "F5")
	q.first.Enable(m.CanClaim())
	q.print.Enable(m.CanPrint())
}

// printLabel names exactly what the button prints, or why it prints nothing;
// length is ".short" or ".least" where there is little room.
func (q *Queue) printLabel(length string) string {
	m, c := q.model, q.at
	switch {
	case m.Batch != nil && m.Batch.Stopped != "":
		return c.say("queue.stopped")
	case m.Printing || m.Batch != nil:
		return c.say("queue.printing")
	case len(m.Next.IDs) == 0:
		return c.say("queue.noprint")
	}
	args := language.Args{"Count": len(m.Next.IDs), "Product": c.product(m.Next.Product), "Printer": m.PrinterName}
	if m.PrinterName == "" {
		return c.say("queue.print.noprinter", args)
	}
	return c.say("queue.print"+length, args)
}
