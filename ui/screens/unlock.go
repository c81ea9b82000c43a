package screens

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// Unlock asks who is there and for their PIN, or lets them set one. It stands
// alone: nothing else is shown while the station is locked.
type Unlock struct {
	at    *Context
	model *viewmodel.Unlock

	brand     *widgets.Lamp
	foreign   *widgets.Lamp // a TPM that is not the system's own
	languages []*widgets.Button
	title     *widgets.Paragraph
	under     *widgets.Paragraph
	condition *widgets.Notice
	waits     *widgets.Notice // a batch goes on once somebody is here
	tiles     *widgets.Wrap
	people    []*widgets.Tile
	empty     *widgets.Empty
	reload    *widgets.Button
	ask       *widgets.Paragraph
	pin       *widgets.PIN
	enter     *widgets.Button
	entry     *fyne.Container
	forgot    *widgets.Button
	below     *widgets.Row // of forgot
	fresh     *unlockNew
	told      *widgets.Notice // what a hand scanner gave
	fault     *widgets.Notice
	flow      *widgets.Flow
	frame     *fyne.Container
	content   fyne.CanvasObject
	chosen    int  // whom the field is for: another choice wipes it
	waiting   bool // the focus comes once there are people
}

// NewUnlock builds the screen; speak changes the language.
func NewUnlock(at *Context, model *viewmodel.Unlock, speak func(tag string)) *Unlock {
	u := &Unlock{at: at, model: model, chosen: -1}
	kit := at.Kit
	u.title = widgets.NewParagraph(kit, theme.Display, theme.Text, true)
	u.under = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	u.condition = widgets.NewNotice(kit, nil)
	u.condition.OnCopy = at.Copy
	u.waits = widgets.NewNotice(kit, nil)
	u.tiles = widgets.NewWrap(2 * theme.Unit)
	u.reload = widgets.NewButton(kit, widgets.Plain, "refresh-cw", model.Load)
	u.empty = widgets.NewEmpty(kit, "user", u.reload)
	u.ask = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	u.pin = widgets.NewPIN(kit)
	u.pin.OnSubmit = u.submit
	u.pin.OnKey = u.pinKey
	u.enter = widgets.NewButton(kit, widgets.Primary, "lock-open", u.pin.Submit).Tall()
	u.fault = widgets.NewNotice(kit, nil)
	u.fault.OnCopy = at.Copy
	u.forgot = widgets.NewButton(kit, widgets.Quiet, "", model.Forgot).Flush()
	u.forgot.OnFocus = func() { u.flow.Reveal(u.forgot) }
	u.below = widgets.NewRow(kit, 0, u.forgot)
	u.fresh = newUnlockNew(at, model, func(o fyne.CanvasObject) { u.flow.Reveal(o) })
	u.told = widgets.NewNotice(kit, nil)
	u.entry = container.New(widgets.Arrange{Place: u.placeEntry, Least: u.leastEntry}, u.pin, u.enter)
	for _, tag := range language.Tags() {
		b := widgets.NewButton(kit, widgets.Quiet, "", func() { speak(tag) })
		u.languages = append(u.languages, b)
	}
	u.build()
	return u
}

func (u *Unlock) build() {
	kit := u.at.Kit
	column := widgets.NewColumn(kit, 2*theme.Unit, u.title, u.under, u.condition, u.waits, u.tiles, u.empty, u.told, u.ask, u.entry, u.below, u.fault, u.fresh.column)
	flow := widgets.NewFlow(column)
	u.flow = flow
	u.brand = widgets.NewLamp(kit, nil)
	u.brand.Set("mails", "Bjet24 Print Room", theme.Accent)
	u.foreign = widgets.NewLamp(kit, nil)
	objects := make([]fyne.CanvasObject, 0, len(u.languages))
	for _, b := range u.languages {
		objects = append(objects, b)
	}
	choices := widgets.NewRow(kit, 4, objects...)
	u.frame = container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			bar := kit.Theme.Grow(64)
			m := choices.MinSize()
			widgets.Put(choices, s.Width-m.Width-3*theme.Unit, (bar-m.Height)/2, m.Width, m.Height)
			b := u.brand.MinSize()
			widgets.Put(u.brand, 2*theme.Unit, (bar-b.Height)/2, b.Width, b.Height)
			f := u.foreign.MinSize()
			widgets.Put(u.foreign, 4*theme.Unit+b.Width, (bar-f.Height)/2, f.Width, f.Height)
			width := min(s.Width-6*theme.Unit, kit.Theme.Grow(816))
			height := column.HeightFor(width)
			top := max(bar, (s.Height-height)*0.36)
			widgets.Put(flow, (s.Width-width)/2, top, width, min(height, s.Height-top))
		},
		Least: func() fyne.Size { return fyne.NewSize(640, 480) },
	}, flow, u.brand, u.foreign, choices)
	u.content = widgets.NewPanel(kit, theme.Ground, widgets.None, u.frame)
}

func (u *Unlock) placeEntry(s fyne.Size) {
	enter := u.enter.MinSize().Width
	field := min(s.Width-enter-2*theme.Unit, u.at.Kit.Theme.Grow(320))
	widgets.Put(u.pin, 0, 0, field, s.Height)
	widgets.Put(u.enter, field+2*theme.Unit, 0, enter, s.Height)
}

func (u *Unlock) leastEntry() fyne.Size {
	p, e := u.pin.MinSize(), u.enter.MinSize()
	return fyne.NewSize(p.Width+e.Width+2*theme.Unit, max(p.Height, e.Height))
}

// Content returns what the window shows while it is locked.
func (u *Unlock) Content() fyne.CanvasObject { return u.content }

// Focus goes to the PIN when somebody is chosen, else to the first tile.
func (u *Unlock) Focus() {
	u.waiting = u.model.Loading || u.model.Busy
	switch {
	case u.waiting:
	case u.model.New != nil:
		u.fresh.focus()
	case u.model.Ready():
		u.toPIN()
	case len(u.people) > 0 && u.people[0].Visible():
		u.toTile(max(u.model.Chosen, 0))
	default:
		u.at.Focus(u.reload)
	}
}

// Redraw shows the model as it is now.
func (u *Unlock) Redraw() {
	m := u.model
	u.title.Set(u.at.say("unlock.title"))
	u.under.Set(u.at.say("unlock.under"))
	if m.New != nil {
		u.title.Set(u.at.say("newpin.title", language.Args{"Name": m.New.Person.Name}))
	}
	show(u.under, m.New == nil)
	for i, tag := range language.Tags() {
		label := u.at.say("language." + tag)
		u.languages[i].Set(label, "")
		icon := ""
		if tag == u.at.Texts().Tag {
			icon = "check"
		}
		u.languages[i].SetIcon(icon)
	}
	show(u.foreign, m.TPMEndpoint != "")
	u.foreign.Set("octagon-alert", u.at.say("lamp.tpm.foreign"), theme.Danger)
	u.redrawPeople()
	who := m.Person()
	pin := who != nil && m.New == nil
	show(u.ask, pin)
	show(u.entry, pin)
	show(u.below, pin && !m.Busy)
	u.forgot.Set(u.at.say("unlock.forgot"), "")
	if pin {
		u.ask.Set(u.at.say("unlock.ask", language.Args{"Name": who.Name}))
	}
	u.redrawEntry()
	moved := u.fresh.shown != m.New
	u.fresh.redraw()
	u.redrawTrouble()
	u.content.Refresh()
	widgets.Relayout(u.frame)
	switch {
	case u.waiting && !m.Loading && !m.Busy, moved, u.fresh.answered():
		u.Focus()
	}
	if u.fault.Visible() {
		u.flow.Reveal(u.fault)
	}
}

func (u *Unlock) redrawPeople() {
	m := u.model
	if len(u.people) != len(m.People) {
		u.people = nil
		objects := make([]fyne.CanvasObject, 0, len(m.People))
		for i := range m.People {
			t := widgets.NewTile(u.at.Kit, func() { u.choose(i) })
			t.OnKey = func(ev *fyne.KeyEvent) bool { return u.tileKey(i, ev) }
			t.OnRune = u.Rune
			u.people = append(u.people, t)
			objects = append(objects, t)
		}
		u.tiles.Set(objects)
	}
	for i, p := range m.People {
		digit := ""
		if i < 9 {
			digit = strconv.Itoa(i + 1)
		}
		u.people[i].Set(p.Name, u.at.roleOf(p), digit, i == m.Chosen)
	}
	show(u.tiles, len(m.People) > 0 && m.New == nil)
	show(u.empty, len(m.People) == 0)
	show(u.reload, !m.Loading)
	u.reload.Set(u.at.say("unlock.reload"), "")
	if m.Loading {
		u.empty.Set("loader-circle", u.at.say("unlock.loading"), "")
	} else {
		u.empty.Set("user", u.at.say("unlock.nobody.what"), u.at.say("unlock.nobody.do"))
	}
}

func (u *Unlock) redrawEntry() {
	m := u.model
	if m.Chosen != u.chosen {
		u.chosen = m.Chosen
		u.pin.Wipe()
	}
	u.pin.SetPlaceholder(u.at.say("unlock.pin"))
	u.pin.Enable(m.Ready())
	u.enter.Enable(m.Ready())
	label, icon := u.at.say("unlock.enter"), "lock-open"
	if m.Busy {
		label, icon = u.at.say("unlock.checking"), "loader-circle"
	}
	u.enter.SetIcon(icon)
	u.enter.Set(label, "")
}

func (u *Unlock) submit(pin []byte) {
	u.model.Submit(pin)
	u.waiting = true // for the next attempt
}

func (u *Unlock) choose(i int) {
	u.model.Choose(i)
	if u.model.Ready() {
		u.toPIN()
	}
}

// toPIN and toTile move the focus and scroll to it: large text may have no room
// for all people.
func (u *Unlock) toPIN() {
	u.at.Focus(u.pin)
	u.flow.Reveal(u.entry)
}

func (u *Unlock) toTile(i int) {
	u.at.Focus(u.people[i])
	u.flow.Reveal(u.people[i])
}

// Lock forgets what was typed.
func (u *Unlock) Lock() {
	u.pin.Wipe()
	u.fresh.wipe()
}

// Scan takes what a hand scanner gave; a badge puts the focus into the PIN.
func (u *Unlock) Scan(code string) {
	u.model.Scan(code)
	if u.model.Ready() {
		u.toPIN()
	}
}

// Back does what Escape does: it leaves the setting of a PIN.
func (u *Unlock) Back() {
	if !u.model.Back() {
		u.Focus()
	}
}

func show(o fyne.CanvasObject, on bool) {
	if on == o.Visible() {
		return
	}
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}
