package screens

import (
	"fmt"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// second is the part of a question where another person says who they are and
// gives their PIN.
type second struct {
	at      *Context
	consent *viewmodel.Consent // what was drawn last, nil for nothing
	reveal  func(fyne.CanvasObject)

	tiles  *widgets.Wrap
	people []*widgets.Tile
	nobody *widgets.Notice
	whose  *widgets.Paragraph
	pin    *widgets.PIN
	fault  *widgets.Notice
	column *widgets.Column
	shown  string // the stage that the PIN field is for
}

// newSecond builds it; submit is given the PIN, and reveal scrolls to a part.
func newSecond(at *Context, submit func(pin []byte), reveal func(fyne.CanvasObject)) *second {
	kit := at.Kit
	s := &second{at: at, reveal: reveal}
	s.tiles = widgets.NewWrap(theme.Unit)
	s.nobody = widgets.NewNotice(kit, nil)
	s.whose = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	s.pin = widgets.NewPIN(kit)
	s.pin.OnSubmit = submit
	s.pin.OnFocus = func() { reveal(s.pin) }
	s.fault = widgets.NewNotice(kit, nil)
	s.fault.OnCopy = at.Copy
	s.column = widgets.NewColumn(kit, 12, s.tiles, s.nobody, s.whose, s.pin, s.fault)
	s.column.Hide()
	return s
}

// stage names what it waits for, "" when it asks nothing: the focus moves when
// it changes.
func (s *second) stage(c *viewmodel.Consent) string {
	if c == nil {
		return ""
	}
	who := ""
	if p := c.Person(); p != nil {
		who = p.Pseudonym
	}
	return fmt.Sprintf("%p %s %v", c, who, c.Loading)
}

// focus goes to what is missing first, and tells whether there is anything.
func (s *second) focus(c *viewmodel.Consent) bool {
	switch {
	case c == nil:
		return false
	case c.Ready():
		s.at.Focus(s.pin)
	case len(s.people) > 0 && s.tiles.Visible():
		s.at.Focus(s.people[max(0, c.Chosen)])
	default:
		return false
	}
	return true
}

// redraw shows what c asks, or hides all of it.
func (s *second) redraw(c *viewmodel.Consent) {
	s.consent = c
	if stage := s.stage(c); stage != s.shown {
		s.shown = stage
		s.pin.Wipe() // it was for another person or question
	}
	show(s.column, c != nil)
	if c == nil {
		return
	}
	s.redrawPeople(c)
	ready := c.Ready() || c.Busy
	show(s.whose, ready)
	show(s.pin, ready)
	if p := c.Person(); ready {
		s.whose.Set(s.at.say("unlock.ask", language.Args{"Name": p.Name}))
		s.pin.SetPlaceholder(s.at.say("unlock.pin"))
		s.pin.Enable(!c.Busy)
	}
	if c.Unknown {
		s.fault.Set(widgets.Warn("scan-barcode"), s.at.say("badge.unknown.what"), s.at.say("badge.unknown.do"), "", widgets.NoticeWords{})
	} else {
		s.at.pinNotice(s.fault, c.Fault, c.Tries())
	}
	s.column.Refresh()
	if s.fault.Visible() {
		s.reveal(s.fault)
	}
}

func (s *second) redrawPeople(c *viewmodel.Consent) {
	if len(s.people) != len(c.People) {
		s.people = nil
		objects := make([]fyne.CanvasObject, 0, len(c.People))
		for i := range c.People {
			t := widgets.NewTile(s.at.Kit, func() { s.consent.Choose(i) })
			t.OnKey = func(ev *fyne.KeyEvent) bool { return s.tileKey(i, ev) }
			t.OnFocus = func() { s.reveal(t) }
			s.people = append(s.people, t)
			objects = append(objects, t)
		}
		s.tiles.Set(objects)
	}
	for i, p := range c.People {
		s.people[i].Set(p.Name, s.at.roleOf(p), "", i == c.Chosen)
	}
	show(s.tiles, len(c.People) > 0)
	s.nobody.Hide()
	switch {
	case c.Loading:
		s.nobody.Set(widgets.Calm("loader-circle"), s.at.say("second.loading"), "", "", widgets.NoticeWords{})
	case len(c.People) == 0 && c.Fault == nil:
		s.nobody.Set(widgets.Warn("user"), s.at.say("second.nobody.what"), s.at.say("second.nobody.do"), "", widgets.NoticeWords{})
	}
}

// tileKey moves between the tiles with the arrows.
func (s *second) tileKey(i int, ev *fyne.KeyEvent) bool {
	to := i
	switch ev.Name {
	case fyne.KeyUp, fyne.KeyLeft:
		to--
	case fyne.KeyDown, fyne.KeyRight:
		to++
	default:
		return false
	}
	if to >= 0 && to < len(s.people) {
		s.at.Focus(s.people[to])
	}
	return true
}

// roleOf is a person's role and, where it is not as it should be, how their PIN
// is at this station.
func (c *Context) roleOf(p station.Person) string {
	role := c.say("role." + p.Role)
	if how := c.pinState(p); how != "" {
		role += " · " + how
	}
	return role
}

// pinState says how a person's PIN is, "" for one that is as it should be.
func (c *Context) pinState(p station.Person) string {
	if p.PIN == station.PINIsUnset || p.PIN == station.PINIsBlocked {
		return c.say("pin.state." + string(p.PIN))
	}
	return ""
}

// pinNotice shows what was wrong with a PIN and, where that is known, how many
// more are taken; −1 where not.
func (c *Context) pinNotice(n *widgets.Notice, f *station.Fault, tries int) {
	c.notice(n, f)
	if f == nil || f.Code != station.WrongPIN {
		return
	}
	body := c.say("fault.wrong_pin.do")
	if tries > 0 {
		body = c.say("pin.tries.left", language.Args{"Count": tries}) + " " + body
	}
	n.Set(faultMood(f.Code), c.say("fault.wrong_pin.what"), body, "", widgets.NoticeWords{})
}
