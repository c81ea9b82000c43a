package screens

import (
	"strings"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// proofLine is one registered letter: found, proven before, or missing with a
// field for its number.
type proofLine struct {
	at      *Context
	attempt postal.AttemptCode
	chip    *widgets.Chip
	code    *widgets.Paragraph
	number  *widgets.Paragraph
	field   *widgets.Entry
	wrong   *widgets.Paragraph
	back    *widgets.Column
}

func newProofLine(at *Context, model *viewmodel.Proof) *proofLine {
	kit := at.Kit
	l := &proofLine{at: at}
	l.chip = widgets.NewChip(kit)
	l.code = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	l.number = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	l.field = widgets.NewEntry(kit)
	l.wrong = widgets.NewParagraph(kit, theme.Caption, theme.Danger, false)
	l.field.OnChanged = func(text string) { model.Type(l.attempt, text) }
	l.field.OnKey = func(ev *fyne.KeyEvent) bool {
		enter := ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter
		if enter || ev.Name == fyne.KeyTab {
			model.Check()
		}
		return enter
	}
	l.back = widgets.NewColumn(kit, 4, widgets.NewSides(l.code, l.chip), l.number, l.field, l.wrong).
		On(theme.Surface, 12).Edged(theme.Line)
	return l
}

func (l *proofLine) set(letter station.ProofLetter, typed string, wrong *station.Fault) {
	c := l.at
	l.attempt = letter.Attempt
	l.code.Set(letter.Attempt.Grouped())
	number := c.say("proof.nonumber")
	if letter.Number != "" {
		number = grouped(string(letter.Number))
	}
	l.number.Set(number)
	word, mood := "proof.letter.missing", widgets.Warn("clock")
	switch {
	case wrong != nil:
		word, mood = "proof.letter.wrong", widgets.Danger("x")
	case letter.Found:
		word, mood = "proof.letter.found", widgets.Good("check")
	case strings.TrimSpace(typed) != "":
		word, mood = "proof.letter.typed", widgets.Busy("keyboard")
	case letter.Proven:
		word, mood = "proof.letter.proven", widgets.Calm("circle-check")
	}
	l.chip.Set(c.say(word), mood)
	show(l.field, !letter.Found && !letter.Proven)
	if l.field.Text != typed {
		l.field.SetText(typed)
	}
	l.field.SetPlaceHolder(c.say("proof.type"))
	show(l.wrong, wrong != nil)
	if wrong != nil {
		what, body := c.faultTexts(wrong.Code)
		l.wrong.Set(what + ". " + body)
	}
	l.back.Refresh()
}
