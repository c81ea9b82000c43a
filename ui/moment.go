package ui

import (
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// placeTold lays the notices of the moment over the top of the screen.
func (s *shell) placeTold(left, right, top float32) {
	width := min(right-left-4*theme.Unit, s.desk.look.Grow(560))
	for _, n := range []*widgets.Notice{s.soon, s.told} {
		if n.Visible() {
			height := n.HeightFor(width)
			widgets.Put(n, left+(right-left-width)/2, top+theme.Unit, width, height)
			top += height + theme.Unit
		}
	}
}

// count tells how long it is until the window locks by itself.
func (s *shell) count() {
	left, t := s.desk.frame.Left(), s.desk.tongue
	args := language.Args{"Seconds": int((left + time.Second - 1) / time.Second)}
	tell := func(n *widgets.Notice, in *fyne.Container) {
		if left == 0 {
			n.Hide()
			return
		}
		n.Set(widgets.Warn("lock"), t.Say("frame.soon.what", args), t.Say("frame.soon.do"), "", widgets.NoticeWords{})
		widgets.Relayout(in)
	}
	tell(s.soon, s.content)
	if s.desk.sheet.open() { // it lies over the rest
		tell(s.desk.sheet.soon, s.desk.sheet.inside)
	}
}

// tell says something about what was just done, for a moment.
func (s *shell) tell(key string, args language.Args) {
	t := s.desk.tongue
	s.told.Set(widgets.Warn("scan-barcode"), t.Say(key+".what", args), t.Say(key+".do", args), "",
		widgets.NoticeWords{Dismiss: t.Say("notice.dismiss")})
	s.until = s.desk.config.Now().Add(toldFor)
	widgets.Relayout(s.content)
}

// hush puts away what tell said.
func (s *shell) hush() { s.told.Hide() }

// tick puts it away when its time is over.
func (s *shell) tick() {
	if s.told.Visible() && s.desk.config.Now().After(s.until) {
		s.hush()
	}
}
