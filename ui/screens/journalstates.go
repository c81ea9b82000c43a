package screens

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
)

// journalStates tells whether the journal is whole, how far the station has
// signed it and how far central has countersigned it, each with its time, and
// where what is here begins.
type journalStates struct {
	at      *Context
	model   *viewmodel.Journal
	chain   *widgets.Statement
	seal    *widgets.Statement
	witness *widgets.Statement
	since   *widgets.Statement
	bar     *widgets.Bar
	verify  *widgets.Button
	export  *widgets.Button
	content *fyne.Container
}

func newJournalStates(at *Context, model *viewmodel.Journal, export func()) *journalStates {
	kit := at.Kit
	s := &journalStates{at: at, model: model}
	s.chain, s.seal = widgets.NewStatement(kit), widgets.NewStatement(kit)
	s.witness, s.since = widgets.NewStatement(kit), widgets.NewStatement(kit)
	s.bar = widgets.NewBar(kit)
	s.verify = widgets.NewButton(kit, widgets.Plain, "shield-check", s.toggle)
	s.export = widgets.NewButton(kit, widgets.Plain, "file-down", export)
	s.content = container.New(widgets.Arrange{
		Place: s.place, Least: func() fyne.Size { return fyne.NewSize(480, kit.Theme.Grow(80)) },
	}, s.chain, s.seal, s.witness, s.since, s.bar, s.verify, s.export)
	return s
}

// toggle starts a verification, or stops the one that runs.
func (s *journalStates) toggle() {
	if !s.model.StopVerifying() {
		s.model.Verify()
	}
}

// parts are the four in their order.
func (s *journalStates) parts() []*widgets.Statement {
	return []*widgets.Statement{s.chain, s.witness, s.seal, s.since}
}

// leastState is the width that the words of a state must have beside the others.
const leastState float32 = 132

// arrange decides, in a width, whether the states stand side by side or one below
// the other, and tells the width of each.
func (s *journalStates) arrange(width float32) (part float32, flat bool) {
	rest := width - 4*theme.Unit - theme.Unit - s.verify.MinSize().Width - s.export.MinSize().Width
	for _, st := range s.parts() {
		st.Flat(false)
	}
	part = rest/float32(len(s.parts())) - 2*theme.Unit
	if flat = s.chain.Room(part) < s.at.Kit.Theme.Grow(leastState); flat {
		part = rest - 2*theme.Unit
	}
	for _, st := range s.parts() {
		st.Flat(flat)
	}
	return part, flat
}

// heightFor is the height that the states take in a width, with all their words.
func (s *journalStates) heightFor(width float32) float32 {
	part, flat := s.arrange(width)
	var total, highest float32
	for _, st := range s.parts() {
		h := st.HeightFor(part)
		total, highest = total+h+theme.Unit, max(highest, h)
	}
	if flat {
		return max(total-theme.Unit, s.verify.MinSize().Height) + 3*theme.Unit
	}
	return max(highest+3*theme.Unit, s.at.Kit.Theme.Grow(80))
}

func (s *journalStates) place(size fyne.Size) {
	pad := 2 * theme.Unit
	part, flat := s.arrange(size.Width)
	verify, export := s.verify.MinSize(), s.export.MinSize()
	right := size.Width - pad - export.Width
	widgets.Put(s.export, right, (size.Height-export.Height)/2, export.Width, export.Height)
	right -= theme.Unit + verify.Width
	widgets.Put(s.verify, right, (size.Height-verify.Height)/2, verify.Width, verify.Height)
	x, y := pad, 1.5*theme.Unit
	for _, st := range s.parts() {
		h := st.HeightFor(part)
		if flat {
			widgets.Put(st, x, y, part, h)
			y += h + theme.Unit
			continue
		}
		widgets.Put(st, x, (size.Height-h)/2, part, h)
		x += part + pad
	}
	widgets.Put(s.bar, 0, size.Height-4, size.Width, 4)
}

func (s *journalStates) redraw() {
	c, m := s.at, s.model
	s.redrawChain()
	s.redrawSeals()
	s.redrawSince()
	preparing := m.Loading && m.Preparing.Active()
	show(s.bar, m.Verifying || preparing)
	if preparing {
		s.bar.Set(float32(m.Preparing.Share()))
	}
	icon, verify, export := "shield-check", c.say("journal.verify"), c.say("journal.export")
	if m.Verifying {
		icon, verify = "x", c.say("journal.verify.stop")
	}
	if c.Kit.Theme.Scale() > 1.25 {
		verify, export = "", "" // their icons have to do: the states need the room
	}
	s.verify.SetIcon(icon)
	s.verify.Set(verify, "")
	s.export.Set(export, "")
	widgets.Relayout(s.content)
}

func (s *journalStates) redrawSeals() {
	c, st := s.at, s.model.Status
	upTo := func(n int64) string { return c.say("journal.upto", language.Args{"Entry": int(n)}) }
	if st.SignedAt.IsZero() {
		s.seal.Set(widgets.Warn("circle-dashed"), c.say("journal.seal"), c.say("journal.seal.none"), "")
	} else {
		s.seal.Set(widgets.Good("pen-line"), c.say("journal.seal"), upTo(st.Signed), c.journalMoment(st.SignedAt))
	}
	later := st.Entries - st.Sealed
	switch {
	case st.SealedAt.IsZero():
		s.witness.Set(widgets.Warn("circle-dashed"), c.say("journal.witness"), c.say("journal.witness.none"), c.say("journal.witness.about"))
	case later > 0:
		s.witness.Set(widgets.Good("stamp"), c.say("journal.witness"), upTo(st.Sealed),
			c.journalMoment(st.SealedAt)+" · "+c.say("journal.since", language.Args{"Count": int(later)}))
	default:
		s.witness.Set(widgets.Good("stamp"), c.say("journal.witness"), c.say("journal.witness.all", language.Args{"Count": int(st.Sealed)}), c.journalMoment(st.SealedAt))
	}
}

// redrawSince tells which months are here, with which entry they begin, and what
// became of what was before.
func (s *journalStates) redrawSince() {
	c, m := s.at, s.model
	what := c.say("journal.begin.none")
	if !m.Dated {
		what = "…"
	}
	if n := len(m.Months); n > 0 {
		if what = c.journalMonth(m.Months[0].Month); n > 1 {
			what += " – " + c.journalMonth(m.Months[n-1].Month)
		}
	}
	from := c.say("journal.begin.first")
	if m.Start.Size > 0 {
		from = c.say("journal.begin.after", language.Args{"Day": c.journalDay(m.Start.SealedAt), "Entry": int(m.Start.Size + 1)})
	}
	s.since.Set(widgets.Calm("scroll-text"), c.say("journal.begin"), what, from+" · "+c.say("journal.begin.kept"))
}

// broken names the entry from which on nothing is sure, "" when none is to
// blame.
func (s *journalStates) broken() string {
	var at *journal.BrokenError
	if !errors.As(s.model.Status.Broken, &at) || at.Sequence == 0 {
		return ""
	}
	return s.at.say("journal.chain.broken.at", language.Args{"Entry": int(at.Sequence)})
}

func (s *journalStates) redrawChain() {
	c, m := s.at, s.model
	st, about := m.Status, c.say("journal.chain")
	switch {
	case st.Broken != nil:
		s.chain.Set(widgets.Danger("octagon-alert"), about, c.say("journal.chain.broken"), s.broken())
	case m.Verifying:
		percent := 0
		if m.Progress.Total > 0 {
			percent = int(100 * m.Progress.Done / m.Progress.Total)
		}
		stage := "journal.verifying"
		if m.Progress.Stage == review.ReadingIndex {
			stage = "journal.verifying.index"
		}
		s.bar.Set(float32(percent) / 100)
		s.chain.Set(widgets.Busy("loader-circle"), about, c.say(stage, language.Args{"Percent": percent}),
			c.say("journal.verifying.of", language.Args{"Done": int(m.Progress.Done), "Count": int(m.Progress.Total)}))
	case st.VerifiedAt.IsZero():
		s.chain.Set(widgets.Calm("link"), about, c.say("journal.chain.tail"), c.say("journal.chain.tail.about"))
	default:
		s.chain.Set(widgets.Good("link"), about, c.say("journal.chain.whole"), c.say("journal.chain.whole.about",
			language.Args{"Count": int(st.Verified), "Time": c.journalMoment(st.VerifiedAt)}))
	}
}
