package screens

import (
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// letterActs are what can be done about the chosen letter besides printing it.
type letterActs struct {
	at       *Context
	model    *viewmodel.Queue
	override *widgets.Button
	keep     *widgets.Button
	note     *widgets.Paragraph // what keeping means
}

func newLetterActs(at *Context, model *viewmodel.Queue) *letterActs {
	kit := at.Kit
	a := &letterActs{at: at, model: model}
	a.override = widgets.NewButton(kit, widgets.Plain, "printer", model.Override).Tall()
	a.keep = widgets.NewButton(kit, widgets.Plain, "hourglass", a.toggle).Tall()
	a.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	return a
}

// toggle has the letter kept longer, or as long as the others.
func (a *letterActs) toggle() {
	if j := a.model.Job(); j != nil {
		a.model.KeepLonger(!j.Longer)
	}
}

func (a *letterActs) redraw(j *station.Job) {
	m, c := a.model, a.at
	held := station.CanOverride(*j)
	show(a.override, held)
	a.override.Set(c.say("letter.override"), "")
	a.override.Enable(m.CanOverride())
	may := viewmodel.Keepable(*j)
	show(a.keep, may)
	show(a.note, may)
	word := "letter.keep"
	if j.Longer {
		word = "letter.unkeep"
	}
	a.keep.Set(c.say(word), "")
	a.keep.Enable(m.CanKeep())
	a.note.Set(c.say(word + ".about"))
}

// kept says how long a letter is kept.
func (c *Context) kept(j *station.Job) string {
	if j.Longer || j.Product == postal.Registered || j.Numbered {
		return c.say("fact.kept.proof")
	}
	return c.say("fact.kept.letter")
}
