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
	column *widgets.Column
}

func newJournalExport(at *Context, model *viewmodel.Journal, left func()) *journalExport {
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
	e.column = widgets.NewColumn(kit, theme.Unit, e.title, widgets.NewRow(kit, theme.Unit, e.kinds), e.path, e.note,
		widgets.NewRow(kit, theme.Unit, e.do, e.leave)).On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
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
	e.model.Export(e.format, path, func(key string) string { return texts.Say("journal." + key) })
	e.set(false)
	e.left()
}

func (e *journalExport) redraw() {
	c := e.at
	show(e.column, e.open)
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
	e.column.Refresh()
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
