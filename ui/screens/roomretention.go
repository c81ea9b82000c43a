package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station/retention"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// roomRetention tells what is forgotten when: the calendar of this station, and
// the rules that it follows.
type roomRetention struct {
	roomPage
	model *viewmodel.Room
	clock *widgets.Notice
	due   *widgets.Facts
	card  *widgets.Column
	none  *widgets.Paragraph
	title *widgets.Paragraph
	rules *widgets.Facts
}

// maxDue is how many lines of the calendar are shown.
const maxDue = 20

func newRoomRetention(at *Context, m *viewmodel.Room) *roomRetention {
	kit := at.Kit
	r := &roomRetention{model: m, clock: widgets.NewNotice(kit, nil), due: widgets.NewFacts(kit, 176).Strong(), rules: widgets.NewFacts(kit, 216)}
	r.none = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	r.title = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	r.card = card(kit, r.due)
	r.roomPage = newRoomPage(at, m, r.clock, r.card, r.none, r.title, card(kit, r.rules))
	return r
}

func (r *roomRetention) first() fyne.Focusable { return nil }

func (r *roomRetention) redraw() {
	m, c := r.model, r.at
	r.head(m)
	r.redrawClock()
	facts := make([]widgets.Fact, 0, len(m.Due)+1)
	rest := 0
	for i, item := range m.Due {
		if i >= maxDue {
			rest += item.Count
			continue
		}
		facts = append(facts, c.dueFact(item))
	}
	if rest > 0 {
		facts = append(facts, widgets.Fact{Name: c.say("room.due.later"), Value: c.say("room.due.rest", language.Args{"Count": rest})})
	}
	r.due.Set(facts...)
	show(r.card, len(facts) > 0)
	show(r.none, len(facts) == 0)
	r.none.Set(c.say("room.due.none"))
	if m.Clock == nil {
		r.none.Set(c.say("room.reading"))
	}
	r.title.Set(c.say("room.rules"))
	rules := []widgets.Fact{}
	for _, what := range []string{"letters", "registered", "metadata", "journal", "log"} {
		rules = append(rules, widgets.Fact{Name: c.say("room.keep." + what), Value: c.say("room.keep." + what + ".for")})
	}
	r.rules.Set(rules...)
}

// redrawClock says when nothing becomes due because the time is in doubt.
func (r *roomRetention) redrawClock() {
	m, c := r.model, r.at
	r.clock.Hide()
	switch {
	case m.Clock == nil:
	case m.Clock.Now.IsZero():
		r.clock.Set(widgets.Warn("clock"), c.say("room.clock.none"), c.say("room.clock.none.under"), "", widgets.NoticeWords{})
	case m.Clock.Apart:
		under := c.say("room.clock.apart.under", language.Args{
			"Station": c.Texts().Moment(m.Clock.Station.Local(), c.Now()), "Central": c.Texts().Moment(m.Clock.Confirmed.Local(), c.Now()),
		})
		r.clock.Set(widgets.Warn("clock"), c.say("room.clock.apart"), under, "", widgets.NoticeWords{})
	}
}

// dueFact is a line of the calendar: the day, what goes, and what it waits for.
func (c *Context) dueFact(item retention.Item) widgets.Fact {
	f := widgets.Fact{Name: c.say("room.due.now"), Value: c.say("room.due."+string(item.Kind), language.Args{"Count": item.Count})}
	if !item.Due.IsZero() {
		f.Name = c.date(item.Due)
	}
	if item.Waits != retention.Nothing {
		f.Icon, f.Tone = "hourglass", theme.Muted
		f.Under = c.say("room.wait." + string(item.Waits))
		if item.Due.IsZero() {
			f.Name = c.say("room.due.waiting")
		}
		if item.Waits == retention.Person || item.Waits == retention.Receipt {
			f.Icon, f.Tone = "hand", theme.Warn
		}
	}
	return f
}
