package screens

import (
	"maps"
	"slices"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// roomDiagnostics is how the station is, for whoever is to help.
type roomDiagnostics struct {
	roomPage
	model   *viewmodel.Room
	notices []*widgets.Notice
	lamps   *widgets.Facts
	facts   *widgets.Facts
	copied  *widgets.Button
	note    *widgets.Paragraph
}

// maxNotices is how many conditions are told at once.
const maxNotices = 3

func newRoomDiagnostics(at *Context, m *viewmodel.Room) *roomDiagnostics {
	kit := at.Kit
	r := &roomDiagnostics{model: m, lamps: widgets.NewFacts(kit, 216), facts: widgets.NewFacts(kit, 216)}
	parts := []fyne.CanvasObject{}
	for range maxNotices {
		n := widgets.NewNotice(kit, nil)
		r.notices, parts = append(r.notices, n), append(parts, n)
	}
	r.copied = widgets.NewButton(kit, widgets.Plain, "copy", r.copyAll)
	r.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	parts = append(parts, card(kit, r.lamps), card(kit, r.facts), widgets.NewPair(kit, r.note, r.copied))
	r.roomPage = newRoomPage(at, m, parts...)
	r.copied.OnFocus = func() { r.page.Reveal(r.copied) }
	return r
}

// copyAll copies the report and says so until something else changes.
func (r *roomDiagnostics) copyAll() {
	r.at.Copy(r.model.Report())
	r.copied.SetIcon("check")
	r.copied.Set(r.at.say("room.copied"), "")
}

func (r *roomDiagnostics) first() fyne.Focusable { return r.copied }

func (r *roomDiagnostics) redraw() {
	m, c := r.model, r.at
	r.head(m)
	codes := slices.Sorted(maps.Keys(m.Faults))
	for i, n := range r.notices {
		if i < len(codes) {
			c.notice(n, &station.Fault{Code: codes[i]})
		} else {
			n.Hide()
		}
	}
	r.lamps.Set(r.lampFacts()...)
	facts := []widgets.Fact{}
	if a := m.About; a != nil {
		room := widgets.Fact{Name: c.say("room.fact.free"), Value: c.size(a.Free)}
		if a.Free < lowDisk {
			room.Icon, room.Tone, room.Under = "triangle-alert", theme.Warn, c.say("room.free.low")
		}
		outbox := widgets.Fact{Name: c.say("room.fact.outbox"), Value: c.say("room.outbox", language.Args{"Count": a.Outbox})}
		if a.Outbox == 0 {
			outbox.Value = c.say("room.outbox.none")
		}
		facts = append(facts, room, outbox,
			widgets.Fact{Name: c.say("room.fact.journal"), Value: c.journalSize(a.Journal), Under: c.say("room.journal.sealed", language.Args{"Count": int(a.Journal.Sealed)})},
			widgets.Fact{Name: c.say("room.fact.folder"), Value: a.DataDir},
			widgets.Fact{Name: c.say("room.fact.read"), Value: c.Texts().Clock(m.ReadAt)})
	} else {
		facts = append(facts, widgets.Fact{Name: c.say("room.fact.read"), Value: c.say("room.reading")})
	}
	r.facts.Set(facts...)
	r.copied.SetIcon("copy")
	r.copied.Set(c.say("room.copy"), "Ctrl+Shift+C")
	r.note.Set(c.say("room.copy.note"))
}

// lowDisk is so little that a day's letters and journal may not fit.
const lowDisk = 2_000_000_000

// lampFacts are the lamps of the status line with their whole sentences.
func (r *roomDiagnostics) lampFacts() []widgets.Fact {
	m, c := r.model, r.at
	name := ""
	for _, p := range m.Printers {
		if p.Chosen {
			name = p.Name
		}
	}
	args := language.Args{"Printer": name, "Time": c.Texts().Moment(m.SealedAt, c.Now())}
	facts := make([]widgets.Fact, 0, 4)
	for _, part := range lampParts() {
		lamp := m.Lamps[part]
		if lamp == "" {
			lamp = station.LampOff
		}
		icon, tone := lampLook(lamp)
		f := widgets.Fact{Name: c.say("room.part." + part), Value: c.say("lamp."+part+"."+string(lamp), args), Icon: icon, Tone: tone}
		switch {
		case part == "journal" && m.SealedAt.IsZero() && lamp == station.LampOK:
			f.Value, f.Icon, f.Tone = c.say("lamp.journal.unsealed"), "circle-dashed", theme.Warn
		case part == "tpm" && lamp == station.LampOK && m.Endpoint == "":
			f.Value = c.say("room.tpm.own")
		case part == "tpm" && m.Endpoint != "":
			f.Value, f.Icon, f.Tone = c.say("lamp.tpm.foreign"), "octagon-alert", theme.Danger
		}
		if lamp == station.LampBad {
			f.Under = c.say("lamp." + part + ".about")
		}
		facts = append(facts, f)
	}
	return facts
}

// roomVersions tells what the program is made of and under which terms.
type roomVersions struct {
	roomPage
	model   *viewmodel.Room
	facts   *widgets.Facts
	licence *widgets.Paragraph
	terms   *widgets.Paragraph
	source  *widgets.Paragraph
	copied  *widgets.Button
}

func newRoomVersions(at *Context, m *viewmodel.Room) *roomVersions {
	kit := at.Kit
	r := &roomVersions{model: m, facts: widgets.NewFacts(kit, 216)}
	r.licence = widgets.NewParagraph(kit, theme.Strong, theme.Text, true)
	r.terms = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	r.source = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	r.copied = widgets.NewButton(kit, widgets.Plain, "copy", func() {
		if m.About != nil {
			at.Copy(m.About.Versions.Source)
			r.copied.SetIcon("check")
			r.copied.Set(at.say("room.copied"), "")
		}
	})
	r.roomPage = newRoomPage(at, m, card(kit, r.facts), r.licence, card(kit, r.terms, widgets.NewPair(kit, r.source, r.copied)))
	r.copied.OnFocus = func() { r.page.Reveal(r.copied) }
	return r
}

func (r *roomVersions) first() fyne.Focusable { return r.copied }

func (r *roomVersions) redraw() {
	m, c := r.model, r.at
	r.head(m)
	if m.About == nil {
		r.facts.Set(widgets.Fact{Name: c.say("room.fact.read"), Value: c.say("room.reading")})
	} else {
		v := m.About.Versions
		r.facts.Set(widgets.Fact{Name: "Bjet24 Print Room", Value: v.Program}, widgets.Fact{Name: "Go", Value: v.Go},
			widgets.Fact{Name: "Fyne", Value: v.Fyne}, widgets.Fact{Name: "MuPDF", Value: v.MuPDF},
			widgets.Fact{Name: c.say("room.fact.system"), Value: v.System})
		r.source.Set(v.Source)
	}
	r.licence.Set(c.say("room.licence"))
	r.terms.Set(c.say("room.terms"))
	r.copied.SetIcon("copy")
	r.copied.Set(c.say("room.source.copy"), "")
}
