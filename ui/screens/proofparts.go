package screens

import (
	"net/url"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// fromAddress gives the path of a file's address; anything else stays as it is.
func fromAddress(text string) string {
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" {
		return filepath.FromSlash(u.Path)
	}
	return text
}

// redraw shows the model as it is now.
func (p *proof) redraw() {
	open := p.model.Open()
	left := p.busy.Visible() && !open && p.holdsFocus()
	choosing := p.disk.model.Open && !open
	left = left || p.disk.content.Visible() && !choosing && !open
	show(p.idle, !open && !choosing)
	show(p.disk.content, choosing)
	show(p.busy, open)
	p.disk.redraw()
	if open {
		p.redrawPicture()
		widgets.Relayout(p.busy)
		return
	}
	p.photo.Set(nil, p.model.Bounds, nil, 100) // nothing of it stays in the widget
	p.shown = false
	p.redrawIdle()
	p.flow.Refresh()
	widgets.Relayout(p.idle)
	if left {
		p.owner.Focus()
	}
}

func (p *proof) redrawIdle() {
	c, m := p.at, p.model
	v := p.owner.model.Deposit()
	p.title.Set(c.say("proof.title"))
	show(p.chip, v != nil)
	for _, f := range p.facts {
		show(f.Container, v != nil)
	}
	if v != nil {
		p.title.Set(c.say("proof.title.of", language.Args{"Number": v.Number}))
		p.chip.Set(c.proofWord(*v), proofMood(*v))
		p.redrawFacts(*v)
	}
	p.redrawNews()
	pending := p.owner.model.Pending()
	what, do := "proof.drop.what", "proof.drop.do"
	if v == nil && pending == 0 {
		what, do = "proof.nothing.what", "proof.nothing.do"
	} else if v == nil {
		do = "proof.drop.newest"
	} else if !v.Pending() {
		what, do = "proof.done.what", "proof.done.do"
	}
	body := c.say(do, language.Args{"Number": p.owner.model.NewestPending()})
	p.drop.Set("image", c.say(what), body)
	can := v != nil || pending > 0
	show(p.browse, can)
	show(p.path, can)
	show(p.take, can)
	p.browse.Set(c.say("proof.choose"), "Ctrl+O")
	p.path.SetPlaceHolder(c.say("proof.path"))
	p.take.Set(c.say("proof.take"), "")
	show(p.scans, can && m.Inbox != nil && len(m.Inbox.Files) > 0)
	if m.Inbox != nil {
		p.scans.Set(c.say("proof.folder", language.Args{"Count": len(m.Inbox.Files)}), "")
	}
}

func (p *proof) redrawFacts(v station.DepositView) {
	c, t := p.at, p.at.Texts()
	central := "proof.central.yes"
	if !v.Acknowledged {
		central = "proof.central.no"
	}
	numbers := "–"
	if v.Registered > 0 {
		numbers = c.say("proof.numbers.value", language.Args{"Proven": v.Proven, "Count": v.Registered})
	}
	for i, f := range [][2]string{
		{"proof.numbers", numbers}, {"proof.receipts", t.Number(v.Receipts)}, {"proof.central", c.say(central)},
	} {
		p.facts[i].name.Set(c.say(f[0]))
		p.facts[i].value.Set(f[1])
	}
}

// redrawNews tells what was kept last, what could not be taken, and whether the
// watched folder is there.
func (p *proof) redrawNews() {
	c, m := p.at, p.model
	p.kept.Hide()
	if k := m.Kept; k != nil {
		body := ""
		if k.Missing > 0 {
			body = c.say("proof.kept.missing", language.Args{"Count": k.Missing})
		}
		p.kept.Set(widgets.Good("check"), c.say("proof.kept", language.Args{"Number": k.Deposit, "Count": k.Numbers}), body, "", widgets.NoticeWords{})
	}
	p.bad.Hide()
	if n := len(m.Bad); n > 0 {
		last := m.Bad[n-1]
		what, body := c.faultTexts(last.Fault.Code)
		var names []string
		for _, b := range m.Bad[max(0, n-5):] {
			names = append(names, b.Name)
		}
		cause := ""
		if last.Fault.Err != nil {
			cause = last.Fault.Err.Error()
		}
		p.bad.Set(faultMood(last.Fault.Code), what+": "+strings.Join(names, ", "), body, cause, c.noticeWords())
	}
	var folder *station.Fault
	if m.Inbox != nil {
		folder = m.Inbox.Fault
	}
	c.notice(p.folder, folder)
}

func (c *Context) noticeWords() widgets.NoticeWords {
	return widgets.NoticeWords{Details: c.say("notice.details"), Hide: c.say("notice.hide"), Copy: c.say("notice.copy"), Dismiss: c.say("notice.dismiss")}
}

func (p *proof) redrawPicture() {
	c, m := p.at, p.model
	p.name.Set(m.Name)
	if m.Deposit != "" {
		p.name.Set(m.Name + " · " + m.Deposit)
	}
	for i, b := range p.tools {
		b.Enable(m.Picture != nil && !m.Loading && !m.Keeping && (i > 3 || i == 2 || !m.Cropping))
	}
	show(p.tools[3], m.Cropped())
	icon := "crop"
	if m.Cropping {
		icon = "check"
	}
	p.tools[2].SetIcon(icon)
	p.photo.Set(m.Picture, m.Bounds, p.marks(), m.Zoom)
	p.photo.Frame(m.Cropping)
	show(p.photo, m.Picture != nil)
	show(p.reading, m.Picture == nil)
	p.reading.Set("loader-circle", c.say("proof.reading"), c.say("proof.reading.do"))
	c.notice(p.fault, m.Fault)
	p.redrawWeak()
	p.redrawLetters()
	label := c.say("proof.keep.plain")
	switch {
	case m.Cropping:
		label = c.say("proof.cropping")
	case m.Keeping:
		label = c.say("proof.keeping")
	case m.Loading:
		label = c.say("proof.reading")
	case m.Deposit == "":
		label = c.say("proof.choose.deposit")
	case len(m.Letters) > 0:
		label = c.say("proof.keep", language.Args{"Shown": m.Shown(), "Count": len(m.Letters)})
	}
	p.keep.Set(label, "Ctrl+K")
	p.keep.Enable(m.CanKeep())
	p.handOver()
}

// marks are the codes found, as they are drawn on the picture.
func (p *proof) marks() []widgets.Mark {
	m := p.model
	if m.Loading || m.Cropping || m.Deposit == "" {
		return nil
	}
	var marks []widgets.Mark
	for _, code := range m.Codes {
		marks = append(marks, widgets.Mark{Corners: code.Corners, Mood: findingMood(code.Finding), Word: p.at.say("finding." + string(code.Finding))})
	}
	return marks
}

func findingMood(f station.Finding) widgets.Mood {
	switch f {
	case station.FindingMatched, station.FindingSlip:
		return widgets.Good("check")
	case station.FindingCheck, station.FindingParcel:
		return widgets.Danger("x")
	case station.FindingForeign:
		return widgets.Warn("x")
	}
	return widgets.Calm("circle-dot")
}

// redrawWeak says why the picture alone proves nothing, and takes a person's
// word for it.
func (p *proof) redrawWeak() {
	c, m := p.at, p.model
	weak := m.Weak != nil && !m.Loading && m.Deposit != ""
	p.weak.Hide()
	if m.Cropping {
		p.weak.Set(widgets.Busy("crop"), c.say("proof.cropping"), c.say("proof.cropping.do"), "", widgets.NoticeWords{})
	}
	if weak = weak && !m.Cropping; weak {
		what, body := c.faultTexts(m.Weak.Code)
		if len(m.Codes) == 0 {
			what, body = c.say("proof.blank.what"), c.say("proof.blank.do")
		}
		p.weak.Set(widgets.Warn("triangle-alert"), what, body, "", widgets.NoticeWords{})
	}
	show(p.vouch, weak)
	p.vouch.Set(c.say("proof.vouch", language.Args{"Number": m.Deposit}), m.Vouched)
}

// redrawLetters lists the registered letters, those that are missing first, and
// the codes that belong to none.
func (p *proof) redrawLetters() {
	c, m := p.at, p.model
	listed := m.Picture != nil && !m.Cropping && m.Deposit != ""
	show(p.count, listed)
	show(p.scroll, listed)
	var items []fyne.CanvasObject
	for i, l := range m.Letters {
		if i >= len(p.lines) {
			p.lines = append(p.lines, newProofLine(c, m))
		}
		p.lines[i].set(l, m.Typed[l.Attempt], m.Wrong[l.Attempt])
		items = append(items, p.lines[i].back)
	}
	for i, l := range p.lines {
		show(l.back, i < len(m.Letters))
	}
	items = append(items, p.strangers()...)
	p.letters.Set(items)
	switch {
	case len(m.Letters) == 0:
		p.count.Set(c.say("proof.noletters"))
	case m.Missing() > 0:
		p.count.Set(c.say("proof.missing", language.Args{"Count": m.Missing(), "Total": len(m.Letters)}))
	default:
		p.count.Set(c.say("proof.all", language.Args{"Count": len(m.Letters)}))
	}
}

// strangers are the codes on the picture that prove nothing, with their words.
func (p *proof) strangers() []fyne.CanvasObject {
	c := p.at
	var items []fyne.CanvasObject
	n := 0
	for _, code := range p.model.Codes {
		if code.Finding == station.FindingMatched || code.Finding == station.FindingSlip {
			continue
		}
		if n == len(p.others) {
			p.others = append(p.others, widgets.NewParagraph(c.Kit, theme.Caption, theme.Muted, false))
		}
		p.others[n].Set(c.say("proof.stranger", language.Args{"Text": grouped(code.Text), "Finding": c.say("finding." + string(code.Finding))}))
		items = append(items, p.others[n])
		n++
	}
	return items
}

// grouped writes a number in groups, other codes as they are, not too long.
func grouped(text string) string {
	if n, err := postal.ParseNumber(text); err == nil {
		return n.Grouped()
	}
	if runes := []rune(text); len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	return text
}
