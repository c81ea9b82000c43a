package screens

import (
	"errors"
	"fmt"
	"strings"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
)

// journalProof tells whether an access is proved, what that means in words, each
// sum that was done for it, and for an auditor all that the sums are of.
type journalProof struct {
	at      *Context
	open    bool // the numbers are shown
	what    *widgets.Statement
	means   *widgets.Paragraph
	steps   *widgets.Facts
	details *widgets.Button
	copied  *widgets.Button
	numbers *widgets.Paragraph
	column  *widgets.Column
}

func newJournalProof(at *Context, redraw func()) *journalProof {
	kit := at.Kit
	p := &journalProof{at: at}
	p.what = widgets.NewStatement(kit)
	p.means = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	p.steps = widgets.NewFacts(kit, 68)
	p.details = widgets.NewButton(kit, widgets.Quiet, "chevron-down", func() {
		p.open = !p.open
		redraw()
	})
	p.numbers = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	p.copied = widgets.NewButton(kit, widgets.Quiet, "copy", func() { at.Copy(p.numbers.Text()) })
	p.column = widgets.NewColumn(kit, theme.Unit, p.what, p.means, p.steps, widgets.NewRow(kit, theme.Unit, p.details, p.copied), p.numbers)
	return p
}

// redraw shows proofs; without any nothing of the last ones stays.
func (p *journalProof) redraw(proofs []review.Proof, st journal.Status) {
	c := p.at
	show(p.column, len(proofs) > 0)
	show(p.numbers, p.open)
	if len(proofs) == 0 {
		p.numbers.Set("")
		p.steps.Set()
		return
	}
	label, icon := "journal.proof.details", "chevron-down"
	if p.open {
		label, icon = "journal.proof.hide", "chevron-up"
	}
	p.details.SetIcon(icon)
	p.details.Set(c.say(label), "")
	p.copied.Set(c.say("journal.proof.copy"), "")
	worst := proofs[0]
	for _, one := range proofs {
		if one.Err != nil {
			worst = one
		}
	}
	p.say(worst, st)
	p.count(worst)
	p.numbers.Set(p.text(proofs))
	p.column.Refresh()
}

// say tells what is proved and what that means.
func (p *journalProof) say(worst review.Proof, st journal.Status) {
	c, about := p.at, p.at.say("journal.proof")
	switch {
	case worst.Err == nil:
		p.what.Set(widgets.Good("shield-check"), about, c.say("journal.proof.good"), c.say("journal.proof.good.about",
			language.Args{"Count": int(worst.Size), "Time": c.journalTime(worst.SealedAt)}))
		p.means.Set(c.say("journal.proof.good.means"))
	case errors.Is(worst.Err, journal.ErrUnsealed):
		p.what.Set(widgets.Warn("circle-dashed"), about, c.say("journal.proof.later"), c.say("journal.proof.later.about"))
		p.means.Set(c.say("journal.proof.later.means", language.Args{"Entry": int(st.Sealed)}))
	default:
		p.what.Set(widgets.Danger("octagon-alert"), about, c.say("journal.proof.bad"), worst.Err.Error())
		p.means.Set(c.say("journal.proof.bad.means"))
	}
}

// count lists the sums that were done; only a whole proof has any.
func (p *journalProof) count(worst review.Proof) {
	c := p.at
	if worst.Err != nil {
		p.steps.Set()
		return
	}
	fact := func(key, value string) widgets.Fact {
		return widgets.Fact{Name: c.say("journal.step." + key), Value: value, Icon: "check", Tone: theme.Good}
	}
	p.steps.Set(
		fact("entry", c.say("journal.step.entry.is", language.Args{"Entry": int(worst.Sequence), "Hash": short(worst.Leaf.String())})),
		fact("path", c.say("journal.step.path.is", language.Args{"Count": len(worst.Path), "Hash": short(worst.Root.String())})),
		fact("station", c.say("journal.step.station.is")),
		fact("central", c.say("journal.step.central.is", language.Args{"Time": c.journalTime(worst.SealedAt)})),
	)
}

// short is the beginning of a hash, enough to compare with.
func short(hash string) string { return hash[:min(len(hash), 10)] + "…" }

// text writes proofs out with all that somebody needs who checks them by
// themselves; it is shown and copied.
func (p *journalProof) text(proofs []review.Proof) string {
	c := p.at
	var b strings.Builder
	for _, one := range proofs {
		fmt.Fprintf(&b, "%s\n%s\n\n%s\n%s\n\n", c.say("journal.proof.entry", language.Args{"Entry": int(one.Sequence)}), one.Entry, c.say("journal.proof.leaf"), one.Leaf)
		if one.Err != nil {
			continue
		}
		fmt.Fprintf(&b, "%s\n", c.say("journal.proof.path", language.Args{"Count": len(one.Path), "Index": fmt.Sprint(one.Sequence - 1)}))
		for _, h := range one.Path {
			fmt.Fprintf(&b, "%s\n", h)
		}
		fmt.Fprintf(&b, "\n%s\n%s\n\n", c.say("journal.proof.root", language.Args{"Entry": int(one.Size)}), one.Root)
	}
	if note := proofs[len(proofs)-1].Note; proofs[len(proofs)-1].Err == nil && len(note) > 0 {
		fmt.Fprintf(&b, "%s\n%s\n", c.say("journal.proof.note"), note)
	}
	return strings.TrimSpace(b.String()) + "\n\n" + c.say("journal.proof.how")
}
