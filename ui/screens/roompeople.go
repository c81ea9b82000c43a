package screens

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// roomPeople lists who may unlock this station and how their PINs are, and what
// the room's policy wants of them.
type roomPeople struct {
	roomPage
	model  *viewmodel.Room
	signed *widgets.Paragraph
	facts  *widgets.Facts
	list   *widgets.Column
	note   *widgets.Paragraph
	rules  *widgets.Paragraph
	policy *widgets.Facts
	card   *widgets.Column
}

func newRoomPeople(at *Context, m *viewmodel.Room) *roomPeople {
	kit := at.Kit
	r := &roomPeople{model: m, facts: widgets.NewFacts(kit, 216).Strong(), policy: widgets.NewFacts(kit, 216)}
	r.signed = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	r.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	r.rules = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	r.list, r.card = card(kit, r.facts), card(kit, r.policy)
	r.roomPage = newRoomPage(at, m, r.signed, r.list, r.note, r.rules, r.card)
	return r
}

func (r *roomPeople) first() fyne.Focusable { return nil }

func (r *roomPeople) redraw() {
	m, c := r.model, r.at
	r.head(m)
	r.note.Set(c.say("room.people.note"))
	r.rules.Set(c.say("room.policy"))
	r.policy.Set(r.policyFacts()...)
	show(r.list, m.About != nil && len(m.About.People) > 0)
	switch {
	case m.About == nil:
		r.signed.Set(c.say("room.reading"))
		return
	case m.About.PeopleSigned.IsZero():
		r.signed.Set(c.say("room.people.none"))
	default:
		r.signed.Set(c.say("room.people.signed", language.Args{"Time": c.Texts().Moment(m.About.PeopleSigned, c.Now())}))
	}
	facts := make([]widgets.Fact, 0, len(m.About.People))
	for _, p := range m.About.People {
		facts = append(facts, r.person(p))
	}
	r.facts.Set(facts...)
}

// person is a person's role, language and pseudonym, and how their PIN is.
func (r *roomPeople) person(p station.Person) widgets.Fact {
	c := r.at
	about := c.say("role." + p.Role)
	if c.Texts().Has("language." + p.Language) {
		about += " · " + c.say("language."+p.Language)
	}
	about += " · " + c.say("room.pseudonym", language.Args{"Code": p.Pseudonym})
	f := widgets.Fact{Name: p.Name, Value: c.say("room.pin.set"), Under: about, Icon: "circle-check", Tone: theme.Good}
	switch {
	case p.PIN == station.PINIsUnset:
		f.Value, f.Icon, f.Tone = c.say("room.pin.unset"), "circle-dashed", theme.Warn
	case p.PIN == station.PINIsBlocked:
		f.Value, f.Icon, f.Tone = c.say("room.pin.blocked"), "ban", theme.Danger
	case p.Tries > 0 && p.Tries < allTries:
		f.Value, f.Icon, f.Tone = f.Value+" · "+c.say("pin.tries", language.Args{"Count": p.Tries}), "triangle-alert", theme.Warn
	}
	return f
}

// allTries is how many wrong PINs in a row are one too many.
const allTries = 5

// policyActs are what a second person may be wanted for.
func policyActs() []wire.SecondPersonAct {
	return []wire.SecondPersonAct{wire.ActReprintRegistered, wire.ActPreflightOverride, wire.ActRetentionChange, wire.ActJournalExport}
}

// policyFacts are what the room demands of this station.
func (r *roomPeople) policyFacts() []widgets.Fact {
	m, c := r.model, r.at
	var acts []string
	for _, act := range policyActs() {
		if viewmodel.AsksSecond(m.Policy, act) {
			acts = append(acts, c.say("room.policy."+string(act)))
		}
	}
	second := widgets.Fact{Name: c.say("room.policy.second"), Value: strings.Join(acts, "\n"), Icon: "user-check", Tone: theme.Text}
	if len(acts) == 0 {
		second.Value, second.Icon, second.Tone = c.say("room.policy.second.none"), "circle", theme.Muted
	}
	idle := widgets.Fact{Name: c.say("room.policy.idle"), Value: c.say("room.policy.idle.never")}
	if m.Idle > 0 {
		idle.Value = c.say("room.policy.idle.after", language.Args{"Wait": c.Texts().Wait(m.Idle.Round(time.Second))})
	}
	return []widgets.Fact{
		second,
		{Name: c.say("room.policy.pin"), Value: c.say("room.policy.pin.least", language.Args{"Count": viewmodel.LeastPIN(m.Policy)})},
		idle,
	}
}
