package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// shell is what stands around every screen: the rail at the left, the header
// with the soonest cut-off, the status line.
type shell struct {
	desk    *desk
	rail    []*widgets.RailItem
	help    *widgets.RailItem
	title   *widgets.Paragraph
	cutoff  *widgets.Lamp
	central *widgets.Lamp
	tpm     *widgets.Lamp
	journal *widgets.Lamp
	printer *widgets.Lamp
	person  *widgets.Lamp
	lock    *widgets.Button
	left    *widgets.Panel
	top     *fyne.Container
	bottom  *fyne.Container
	head    *widgets.Panel
	foot    *widgets.Panel
	told    *widgets.Notice // what became of a scan, for a moment
	until   time.Time       // when that moment is over
	soon    *widgets.Notice // that the window locks by itself
	content *fyne.Container
}

func newShell(d *desk) *shell {
	s := &shell{desk: d}
	kit := d.kit
	s.title = widgets.NewParagraph(kit, theme.Title, theme.Text, true)
	s.cutoff = widgets.NewLamp(kit, d.openCutOff)
	s.central = widgets.NewLamp(kit, func() { d.openLamp("central", s.central.Word()) })
	s.tpm = widgets.NewLamp(kit, func() { d.openLamp("tpm", s.tpm.Word()) })
	s.journal = widgets.NewLamp(kit, func() { d.openLamp("journal", s.journal.Word()) })
	s.printer = widgets.NewLamp(kit, func() { d.openLamp("printer", s.printer.Word()) })
	s.person = widgets.NewLamp(kit, d.showSettings)
	s.lock = widgets.NewButton(kit, widgets.Quiet, "lock", d.frame.Lock)
	s.told = widgets.NewNotice(kit, s.hush)
	s.soon = widgets.NewNotice(kit, nil)
	s.build()
	return s
}

func (s *shell) build() {
	kit := s.desk.kit
	var items []fyne.CanvasObject
	for i, screen := range s.desk.screens {
		item := widgets.NewRailItem(kit, screen.Icon(), func() { s.desk.goTo(i) })
		s.rail = append(s.rail, item)
		items = append(items, item)
	}
	s.help = widgets.NewRailItem(kit, "keyboard", s.desk.showKeys)
	rail := container.New(widgets.Arrange{Place: s.placeRail, Least: func() fyne.Size {
		return fyne.NewSize(kit.Theme.Grow(widgets.RailWidth), kit.Theme.Grow(160))
	}}, append(items, s.help)...)
	s.left = widgets.NewPanel(kit, theme.Surface, widgets.Right, rail)
	s.top = container.New(widgets.Arrange{Place: s.placeHead, Least: func() fyne.Size {
		return fyne.NewSize(0, kit.Theme.Grow(64))
	}}, s.title, s.cutoff)
	s.bottom = container.New(widgets.Arrange{Place: s.placeFoot, Least: func() fyne.Size {
		return fyne.NewSize(0, kit.Theme.Grow(40))
	}}, s.central, s.tpm, s.journal, s.printer, s.person, s.lock)
	s.head = widgets.NewPanel(kit, theme.Surface, widgets.Bottom, s.top)
	s.foot = widgets.NewPanel(kit, theme.Surface, widgets.Top, s.bottom)
	pages := container.NewStack()
	for _, screen := range s.desk.screens {
		pages.Add(screen.Content())
	}
	s.content = container.New(widgets.Arrange{
		Place: func(size fyne.Size) {
			rail, head, foot := s.left.MinSize().Width, s.head.MinSize().Height, s.foot.MinSize().Height
			widgets.Put(s.left, 0, 0, rail, size.Height)
			widgets.Put(s.head, rail, 0, size.Width-rail, head)
			widgets.Put(pages, rail, head, size.Width-rail, size.Height-head-foot)
			widgets.Put(s.foot, rail, size.Height-foot, size.Width-rail, foot)
			s.placeTold(rail, size.Width, head)
		},
		Least: func() fyne.Size { return fyne.NewSize(960, 600) },
	}, s.left, s.head, pages, s.foot, s.told, s.soon)
}

func (s *shell) placeRail(size fyne.Size) {
	y, h := theme.Unit, s.help.MinSize().Height
	if most := (size.Height - 3*theme.Unit) / float32(len(s.rail)+1); h > most {
		h = most // large text
	}
	for _, item := range s.rail {
		widgets.Put(item, 0, y, size.Width, h)
		y += h
	}
	widgets.Put(s.help, 0, size.Height-h-theme.Unit, size.Width, h)
}

func (s *shell) placeHead(size fyne.Size) {
	pad, cut := 3*theme.Unit, s.cutoff.MinSize()
	h := s.title.MinSize().Height
	widgets.Put(s.title, pad, (size.Height-h)/2, max(0, size.Width-cut.Width-3*pad), h)
	widgets.Put(s.cutoff, size.Width-cut.Width-2*theme.Unit, (size.Height-cut.Height)/2, cut.Width, cut.Height)
}

func (s *shell) placeFoot(size fyne.Size) {
	x, lamps := theme.Unit, []*widgets.Lamp{s.central, s.tpm, s.journal, s.printer}
	s.fitLamps(size.Width, lamps)
	for _, l := range lamps {
		m := l.MinSize()
		widgets.Put(l, x, (size.Height-m.Height)/2, m.Width, m.Height)
		x += m.Width + theme.Unit
	}
	lock, who := s.lock.MinSize(), s.person.MinSize()
	h := min(lock.Height, size.Height-4)
	right := size.Width - theme.Unit - lock.Width
	widgets.Put(s.lock, right, (size.Height-h)/2, lock.Width, h)
	widgets.Put(s.person, max(x, right-who.Width-4), (size.Height-who.Height)/2, who.Width, who.Height)
}

// fitLamps leaves words out until all have room: first of what is as it should
// be, then of who is here.
func (s *shell) fitLamps(width float32, lamps []*widgets.Lamp) {
	all := append(lamps, s.person)
	for _, l := range all {
		l.Bare(false)
	}
	room := width - s.lock.MinSize().Width - float32(len(all)+2)*theme.Unit
	for _, l := range all {
		var need float32
		for _, other := range all {
			need += other.MinSize().Width
		}
		if need <= room {
			return
		}
		if l == s.person || l.Calm() {
			l.Bare(true)
		}
	}
}

// redraw shows the frame as it is now.
func (s *shell) redraw() {
	d, f := s.desk, s.desk.frame
	if f.Locked() {
		return
	}
	s.count()
	for i, screen := range d.screens {
		s.rail[i].Set(d.tongue.Say("rail."+screen.Name()), i == d.current)
		if content := screen.Content(); i != d.current {
			content.Hide()
		} else if !content.Visible() {
			content.Show()
		}
	}
	s.help.Set(d.tongue.Say("rail.keys"), false)
	s.title.Set(d.tongue.Say("screen." + d.screens[d.current].Name()))
	text, tone := d.at.CutOff(f.CutOff)
	s.cutoff.Set("clock", text, tone)
	s.lamp(s.central, "central", f.Central, nil)
	s.lamp(s.tpm, "tpm", f.TPM, nil)
	if f.TPMEndpoint != "" {
		s.tpm.Set("octagon-alert", d.tongue.Say("lamp.tpm.foreign"), theme.Danger)
	}
	sealed := language.Args{"Time": d.tongue.Moment(f.SealedAt, f.Now())}
	if f.SealedAt.IsZero() && f.Journal == station.LampOK {
		s.journal.Set("circle-dashed", d.tongue.Say("lamp.journal.unsealed"), theme.Warn)
	} else {
		s.lamp(s.journal, "journal", f.Journal, sealed)
	}
	s.lamp(s.printer, "printer", f.Printer, language.Args{"Printer": f.PrinterName})
	s.person.Set("user", f.Person.Name, theme.Text)
	lock := d.tongue.Say("frame.lock")
	if d.look.Scale() > 1.25 {
		lock = "" // its icon has to do: the lamps need the room
	}
	s.lock.Set(lock, "")
	widgets.Relayout(s.top)
	widgets.Relayout(s.bottom)
}

// lamp shows a state by icon, word and tone.
func (s *shell) lamp(l *widgets.Lamp, part string, state station.Lamp, args language.Args) {
	icon, tone := "circle", theme.Muted
	switch state {
	case station.LampOK:
		icon, tone = "circle-check", theme.Good
	case station.LampBusy:
		icon, tone = "loader-circle", theme.Accent
	case station.LampBad:
		icon, tone = "octagon-alert", theme.Danger
	default:
		state = station.LampOff
	}
	l.Set(icon, s.desk.tongue.Say("lamp."+part+"."+string(state), args), tone)
}
