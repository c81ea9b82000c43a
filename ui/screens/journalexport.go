package screens

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal/report"
)

// journalExport asks in which format and where a report is written.
type journalExport struct {
	at     *Context
	model  *viewmodel.Journal
	left   func() // the focus goes back where it belongs
	folder string // where a path begins that says nothing else
	open   bool
	format report.Format
	title  *widgets.Paragraph
	kinds  *widgets.Segments
	path   *widgets.Entry
	note   *widgets.Paragraph
	do     *widgets.Button
	leave  *widgets.Button
	file   *widgets.Column // format and path
	about  *widgets.Paragraph
	second *second
	agree  *widgets.Button
	back   *widgets.Button
	acts   *widgets.Row // those of the second person
	column *widgets.Column
	shown  string // the stage that the focus is for
}

func newJournalExport(at *Context, model *viewmodel.Journal, left func(), reveal func(fyne.CanvasObject)) *journalExport {
	kit := at.Kit
	e := &journalExport{at: at, model: model, left: left, folder: documents(), format: report.PDF}
	e.title = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	e.note = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	e.kinds = widgets.NewSegments(kit)
	e.kinds.OnChosen = e.choose
	e.path = widgets.NewEntry(kit)
	e.path.OnKey = func(ev *fyne.KeyEvent) bool {
		enter := ev.Name == fyne.KeyReturn || ev.Name == fyne.KeyEnter
		if enter {
			e.save()
		}
		return enter
	}
	e.do = widgets.NewButton(kit, widgets.Primary, "file-down", e.save)
	e.leave = widgets.NewButton(kit, widgets.Plain, "", func() {
		e.set(false)
		e.left()
	})
	e.file = widgets.NewColumn(kit, theme.Unit, widgets.NewRow(kit, theme.Unit, e.kinds), e.path, e.note,
		widgets.NewRow(kit, theme.Unit, e.do, e.leave))
	e.buildSecond(reveal)
	e.column = widgets.NewColumn(kit, theme.Unit, e.title, e.file, e.about, e.second.column, e.acts).On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
	e.column.Hide()
	return e
}

// set opens or closes it.
func (e *journalExport) set(open bool) {
	e.open = open
	if open {
		e.path.SetText(filepath.Join(e.folder, e.at.Now().Format("journal-2006-01-02-150405.")+string(e.format)))
	}
	e.model.Changed()
	if open {
		e.at.Focus(e.kinds)
	}
}

// choose changes the format, and the ending of the path that goes with it.
func (e *journalExport) choose(i int) {
	to := report.Formats()[i]
	if stem, ok := strings.CutSuffix(e.path.Text, "."+string(e.format)); ok {
		e.path.SetText(stem + "." + string(to))
	}
	e.format = to
	e.model.Changed()
}

func (e *journalExport) save() {
	path := strings.TrimSpace(e.path.Text)
	if path == "" {
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.folder, path)
	}
	texts := e.at.Texts() // of who exports, whoever comes meanwhile
	e.open = false
	e.model.Export(e.format, path, func(key string) string { return texts.Say("journal." + key) })
	if e.model.Consent == nil {
		e.left()
	}
}

// buildSecond makes what takes the place of the file once another person has to
// agree.
func (e *journalExport) buildSecond(reveal func(fyne.CanvasObject)) {
	kit := e.at.Kit
	e.about = widgets.NewParagraph(kit, theme.Body, theme.Muted, false)
	e.second = newSecond(e.at, e.model.Agree, reveal)
	e.agree = widgets.NewButton(kit, widgets.Primary, "file-down", e.second.pin.Submit)
	e.back = widgets.NewButton(kit, widgets.Plain, "chevron-left", func() { e.unask() })
	e.acts = widgets.NewRow(kit, theme.Unit, e.agree, e.back)
}

func (e *journalExport) redraw() {
	c, asked := e.at, e.model.Consent
	stage := e.second.stage(asked)
	moved := stage != e.shown
	e.shown = stage
	show(e.column, e.open || asked != nil)
	show(e.file, asked == nil)
	show(e.about, asked != nil)
	show(e.acts, asked != nil)
	e.second.redraw(asked)
	var labels []string
	for _, f := range report.Formats() {
		labels = append(labels, strings.ToUpper(string(f)))
	}
	e.kinds.Set(labels, slices.Index(report.Formats(), e.format))
	e.title.Set(c.say("journal.export.title"))
	e.note.Set(c.say("journal.export.about."+string(e.format)) + " " + c.say("journal.export.about"))
	e.do.Set(c.say("journal.export.save"), "Enter")
	e.do.Enable(!e.model.Exporting)
	e.leave.Set(c.say("journal.export.leave"), "Esc")
	if asked != nil {
		e.redrawSecond(asked)
	}
	e.column.Refresh()
	e.move(moved, asked)
}

func (e *journalExport) redrawSecond(asked *viewmodel.Consent) {
	c := e.at
	e.title.Set(c.say("second.title"))
	e.about.Set(c.say("second.export"))
	label, icon := c.say("journal.export.save"), "file-down"
	if asked.Busy {
		label, icon = c.say("ask.deciding"), "loader-circle"
	}
	e.agree.SetIcon(icon)
	e.agree.Set(label, "Enter")
	e.agree.Enable(asked.Ready())
	e.back.Set(c.say("ask.back"), "Esc")
	e.back.Enable(!asked.Busy)
}

// unask goes back from the second person to the file, and tells whether there
// was anything to go back from.
func (e *journalExport) unask() bool {
	if asked := e.model.Consent; asked != nil && !asked.Busy {
		e.open = true
	}
	return e.model.LeaveExport()
}

// move puts the focus where the question goes on, or ends.
func (e *journalExport) move(moved bool, asked *viewmodel.Consent) {
	switch {
	case !moved:
	case asked == nil && e.open:
		e.at.Focus(e.path)
	case asked == nil:
		e.left()
	case !e.second.focus(asked):
		e.at.Focus(e.back)
	}
}

// documents is where people keep files: the documents of their home, or the
// home itself.
func documents() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	if dir := filepath.Join(home, "Documents"); isFolder(dir) {
		return dir
	}
	return home
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
