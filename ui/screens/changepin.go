package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// ChangePIN asks who is at work for their PIN and, twice, for a new one.
type ChangePIN struct {
	at    *Context
	model *viewmodel.ChangePIN

	about  *widgets.Paragraph
	fields *pinFields
	rules  *widgets.Paragraph
	fault  *widgets.Notice
	done   *widgets.Notice
	change *widgets.Button
	column *widgets.Column
	sent   bool // the answer moves the focus
}

// NewChangePIN builds it; reveal scrolls to a part.
func NewChangePIN(at *Context, model *viewmodel.ChangePIN, reveal func(fyne.CanvasObject)) *ChangePIN {
	kit := at.Kit
	p := &ChangePIN{at: at, model: model}
	p.about = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	p.fields = newPINFields(at, reveal, p.submit, "changepin.old", "newpin.first", "newpin.second")
	p.rules = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	p.fault, p.done = widgets.NewNotice(kit, nil), widgets.NewNotice(kit, nil)
	p.fault.OnCopy = at.Copy
	p.change = widgets.NewButton(kit, widgets.Primary, "key-round", p.submit).Tall()
	p.change.OnFocus = func() { reveal(p.change) }
	p.column = widgets.NewColumn(kit, 12, p.about, p.fault, p.done, p.fields.column, p.rules, widgets.NewRow(kit, theme.Unit, p.change))
	return p
}

// Content returns what a sheet shows.
func (p *ChangePIN) Content() fyne.CanvasObject { return p.column }

// First is where typing starts.
func (p *ChangePIN) First() fyne.Focusable { return p.fields.fields[0] }

// Begin asks anew.
func (p *ChangePIN) Begin() {
	p.sent = false
	p.fields.wipe()
	p.Redraw()
}

// Lock forgets what was typed.
func (p *ChangePIN) Lock() { p.fields.wipe() }

func (p *ChangePIN) submit() {
	pins := p.fields.take()
	p.sent = true
	p.model.Submit(pins[0], pins[1], pins[2])
}

// Redraw shows the model as it is now.
func (p *ChangePIN) Redraw() {
	m, c := p.model, p.at
	for _, o := range []fyne.CanvasObject{p.fields.column, p.rules, p.change} {
		show(o, !m.Done)
	}
	p.about.Set(c.say("changepin.about"))
	p.fields.redraw(!m.Busy)
	p.rules.Set(c.say("newpin.rules", language.Args{"Count": m.Least}))
	if m.Fault != nil {
		c.pinNotice(p.fault, m.Fault, m.Tries)
	} else {
		c.slipNotice(p.fault, m.Slip, m.Least)
	}
	show(p.about, !m.Done && !p.fault.Visible()) // above the fields there is room for one of them
	p.done.Hide()
	if m.Done {
		p.done.Set(widgets.Good("circle-check"), c.say("changepin.done.what"), c.say("changepin.done.do"), "", widgets.NoticeWords{})
	}
	label, icon := c.say("changepin.change"), "key-round"
	if m.Busy {
		label, icon = c.say("changepin.changing"), "loader-circle"
	}
	p.change.SetIcon(icon)
	p.change.Set(label, "Enter")
	p.change.Enable(!m.Busy)
	p.column.Refresh()
	if p.sent && !m.Busy {
		p.sent = false
		if !m.Done {
			p.at.Focus(p.First()) // all three are empty
		}
	}
}
