package screens

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// roomKeys tells who the station is to central and where its keys are.
type roomKeys struct {
	roomPage
	model   *viewmodel.Room
	foreign *widgets.Notice
	facts   *widgets.Facts
	note    *widgets.Paragraph
}

func newRoomKeys(at *Context, m *viewmodel.Room) *roomKeys {
	kit := at.Kit
	r := &roomKeys{model: m, foreign: widgets.NewNotice(kit, nil), facts: widgets.NewFacts(kit, 216)}
	r.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	r.roomPage = newRoomPage(at, m, r.foreign, card(kit, r.facts), r.note)
	return r
}

func (r *roomKeys) first() fyne.Focusable { return nil }

func (r *roomKeys) redraw() {
	m, c := r.model, r.at
	r.head(m)
	r.foreign.Hide()
	if m.Endpoint != "" {
		r.foreign.Set(widgets.Danger("octagon-alert"), c.say("lamp.tpm.foreign"), c.say("room.foreign", language.Args{"Endpoint": m.Endpoint}), "", widgets.NoticeWords{})
	}
	r.note.Set(c.say("room.keys.note"))
	icon, tone := lampLook(m.Lamps["tpm"])
	chip := widgets.Fact{Name: c.say("room.fact.tpm"), Value: c.say("room.tpm.own"), Icon: icon, Tone: tone}
	if m.Endpoint != "" {
		chip.Value, chip.Icon, chip.Tone = m.Endpoint, "octagon-alert", theme.Danger
	}
	if bad(m.Lamps["tpm"]) {
		chip.Under = c.say("lamp.tpm.bad")
	}
	facts := []widgets.Fact{}
	if a := m.About; a != nil {
		facts = append(facts, widgets.Fact{Name: c.say("room.fact.station"), Value: a.Station, Icon: "circle-check", Tone: theme.Good, Under: c.say("room.enrolled")},
			widgets.Fact{Name: c.say("room.fact.log"), Value: a.Log})
	}
	facts = append(facts, chip, widgets.Fact{Name: c.say("room.fact.keys"), Value: c.say("room.keys")})
	if a := m.About; a != nil && !a.CertificateEnd.IsZero() {
		end := widgets.Fact{Name: c.say("room.fact.certificate"), Value: c.say("room.until", language.Args{"Day": c.date(a.CertificateEnd)}), Icon: "circle-check", Tone: c.certificateTone(m)}
		if end.Tone != theme.Good {
			end.Icon, end.Under = "triangle-alert", c.say("room.until.soon")
		}
		facts = append(facts, end)
	}
	r.facts.Set(facts...)
}

// journalSize is the journal's length in entries and on disk.
func (c *Context) journalSize(j station.JournalSize) string {
	return c.say("room.journal.size", language.Args{"Count": int(j.Entries), "Size": c.size(j.Bytes)})
}
