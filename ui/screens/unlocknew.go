package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// unlockNew asks for a new PIN and the code that allows it, where a person has
// no PIN, knows it no more, or has given too many wrong ones.
type unlockNew struct {
	at    *Context
	model *viewmodel.Unlock

	why    *widgets.Notice
	label  *widgets.Paragraph
	code   *widgets.Code
	pins   *pinFields
	rules  *widgets.Paragraph
	fault  *widgets.Notice
	set    *widgets.Button
	back   *widgets.Button
	column *widgets.Column
	shown  *viewmodel.NewPIN // whom the fields are for
	sent   bool              // the answer moves the focus
}

func newUnlockNew(at *Context, model *viewmodel.Unlock, reveal func(fyne.CanvasObject)) *unlockNew {
	kit := at.Kit
	n := &unlockNew{at: at, model: model}
	n.why = widgets.NewNotice(kit, nil)
	n.label = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	n.code = widgets.NewCode(kit, viewmodel.GroupCode)
	n.code.OnKey = n.codeKey
	n.code.OnFocus = func() { reveal(n.code) }
	n.pins = newPINFields(at, reveal, n.submit, "newpin.first", "newpin.second")
	n.rules = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	n.fault = widgets.NewNotice(kit, nil)
	n.fault.OnCopy = at.Copy
	n.set = widgets.NewButton(kit, widgets.Primary, "key-round", n.submit).Tall()
	n.back = widgets.NewButton(kit, widgets.Plain, "chevron-left", n.leave).Tall()
	for _, b := range []*widgets.Button{n.set, n.back} {
		b.OnFocus = func() { reveal(b) }
	}
	n.column = widgets.NewColumn(kit, 12, n.why, n.fault, widgets.NewColumn(kit, 4, n.label, n.code), n.pins.column, n.rules,
		widgets.NewRow(kit, theme.Unit, n.set, n.back)).AtMost(newWidth)
	n.column.Hide()
	return n
}

// newWidth is the width of the fields.
const newWidth float32 = 560

// codeKey goes on to the PIN.
func (n *unlockNew) codeKey(ev *fyne.KeyEvent) bool {
	switch ev.Name {
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDown:
		n.at.Focus(n.pins.fields[0])
		return true
	case fyne.KeyEscape:
		n.leave()
		return true
	}
	return false
}

func (n *unlockNew) submit() {
	pins := n.pins.take()
	n.sent = true
	n.model.SetPIN(n.code.Text(), pins[0], pins[1])
}

func (n *unlockNew) leave() { n.model.Back() }

// focus goes where typing starts, or where it has to start again.
func (n *unlockNew) focus() {
	m := n.model.New
	if m != nil && m.Fault == nil && n.code.Text() != "" {
		n.at.Focus(n.pins.fields[0])
		return
	}
	n.at.Focus(n.code)
}

// wipe throws away what was typed.
func (n *unlockNew) wipe() {
	n.pins.wipe()
	n.code.Wipe()
}

// redraw shows the question, or hides it.
func (n *unlockNew) redraw() {
	m, c := n.model.New, n.at
	show(n.column, m != nil)
	if m != n.shown {
		n.shown = m
		n.wipe()
	}
	if m == nil {
		return
	}
	key, mood := "newpin.unset", widgets.Calm("key-round")
	switch {
	case m.Blocked():
		key, mood = "newpin.blocked", widgets.Danger("ban")
	case m.Forgotten:
		key = "newpin.forgotten"
	}
	n.why.Set(mood, c.say(key+".what"), c.say(key+".do"), "", widgets.NoticeWords{})
	n.label.Set(c.say("newpin.code"))
	n.code.SetPlaceholder(c.say("newpin.code.like"))
	n.code.Enable(!m.Busy)
	n.pins.redraw(!m.Busy)
	n.rules.Set(c.say("newpin.rules", language.Args{"Count": m.Least}))
	if m.Fault != nil {
		c.notice(n.fault, m.Fault)
	} else {
		c.slipNotice(n.fault, m.Slip, m.Least)
	}
	show(n.why, !n.fault.Visible()) // above the fields there is room for one of them
	label, icon := c.say("newpin.set"), "key-round"
	if m.Busy {
		label, icon = c.say("newpin.setting"), "loader-circle"
	}
	n.set.SetIcon(icon)
	n.set.Set(label, "Enter")
	n.set.Enable(!m.Busy)
	n.back.Set(c.say("ask.back"), "Esc")
	n.back.Enable(!m.Busy)
	n.column.Refresh()
}

// answered tells, once, that an attempt has come to its end.
func (n *unlockNew) answered() bool {
	m := n.model.New
	if !n.sent || m != nil && m.Busy {
		return false
	}
	n.sent = false
	return true
}
