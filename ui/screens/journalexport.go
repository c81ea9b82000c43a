package screens

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
)

// journalExport asks in which format and where a report is written.
type journalExport struct {
	at     *Context
	model  *viewmodel.Journal
	left   func() // the focus goes back where it belongs
	folder string // where a path begins that says nothing else
	open   bool
	format report.Format // archiveFormat for the journal itself
	months *widgets.Dropdown
	tail   *widgets.Check
	spans  []journal.Span // by line of months
	span   int
	month  time.Time // the chosen one, zero for all of them
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

// archiveFormat stands for the journal itself, which printroom-verify reads.
const archiveFormat report.Format = "jsonl"

func exportFormats() []report.Format { return append(slices.Clone(report.Formats()), archiveFormat) }

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
	e.months = widgets.NewDropdown(kit)
	e.months.OnChosen = e.chooseSpan
	e.tail = widgets.NewCheck(kit, func(bool) { e.model.Changed() })
	e.file = widgets.NewColumn(kit, theme.Unit, widgets.NewRow(kit, theme.Unit, e.kinds), e.months, e.tail, e.path, e.note,
		widgets.NewRow(kit, theme.Unit, e.do, e.leave))
	e.buildSecond(reveal)
	e.column = widgets.NewColumn(kit, theme.Unit, e.title, e.file, e.about, e.second.column, e.acts).On(theme.Surface, 2*theme.Unit).Edged(theme.Line)
	e.column.Hide()
	return e
}

// set opens or closes it.
func (e *journalExport) set(open bool) {
	if open && e.model.Consent != nil {
		return // it is about the second person already
	}
	e.open = open
	if open {
		e.name()
	}
	e.model.Changed()
	if open {
		e.at.Focus(e.kinds)
	}
}

// name proposes a path for what is to be written.
func (e *journalExport) name() {
	stem := e.at.Now().Format("journal-2006-01-02-150405")
	if e.format == archiveFormat {
		stem = "whole-" + stem
		if s := e.chosen(); s.Shard != nil {
			stem = s.Shard.Month.Format("journal-2006-01")
		}
	}
	e.path.SetText(filepath.Join(e.folder, stem+"."+string(e.format)))
}

// choose changes the format, and the path that goes with it.
func (e *journalExport) choose(i int) {
	to := exportFormats()[i]
	stem, ok := strings.CutSuffix(e.path.Text, "."+string(e.format))
	journals := to == archiveFormat || e.format == archiveFormat
	e.format = to
	switch {
	case journals:
		e.name()
	case ok:
		e.path.SetText(stem + "." + string(to))
	}
	e.model.Changed()
}

// chooseSpan changes which months of the journal itself are written.
func (e *journalExport) chooseSpan(i int) {
	e.month = time.Time{}
	if s := e.spans[i].Shard; s != nil {
		e.month = s.Month
	}
	e.span = i
	e.name()
	e.model.Changed()
}

// chosen is what of the journal itself is to be written.
func (e *journalExport) chosen() journal.Span {
	if e.span >= len(e.spans) {
		return journal.Span{}
	}
	s := e.spans[e.span]
	s.Unsealed = s.Shard == nil && e.tail.On()
	return s
}

func (e *journalExport) save() {
	path := strings.TrimSpace(e.path.Text)
	if path == "" || e.model.Exporting {
		return
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(e.folder, path)
	}
	texts := e.at.Texts() // of who exports, whoever comes meanwhile
	e.open = false
	if e.format == archiveFormat {
		e.model.Archive(path, e.chosen())
	} else {
		e.model.Export(e.format, path, func(key string) string { return texts.Say("journal." + key) })
	}
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
	for _, f := range exportFormats() {
		labels = append(labels, c.say("journal.export.kind."+string(f)))
	}
	e.kinds.Set(labels, slices.Index(exportFormats(), e.format))
	e.title.Set(c.say("journal.export.title"))
	e.redrawSpans()
	about := "journal.export.about"
	if e.format == archiveFormat {
		about = "journal.export.about.keys"
	}
	e.note.Set(c.say("journal.export.about."+string(e.format)) + " " + c.say(about))
	e.do.Set(c.say("journal.export.save"), "Enter")
	e.do.Enable(!e.model.Exporting)
	e.leave.Set(c.say("journal.export.leave"), "Esc")
	if asked != nil {
		e.redrawSecond(asked)
	}
	e.column.Refresh()
	e.move(moved, asked)
}

// redrawSpans lists the months that are here, the newest first, after all of
// them.
func (e *journalExport) redrawSpans() {
	c, m := e.at, e.model
	whole := e.format == archiveFormat
	e.spans = append(e.spans[:0], journal.Span{})
	labels := []string{c.say("journal.export.all", language.Args{"First": int(m.Start.Size + 1), "Last": int(m.Status.Sealed)})}
	e.span = 0
	for i := range slices.Backward(m.Months) {
		s := &m.Months[i]
		if s.Month.Equal(e.month) {
			e.span = len(e.spans)
		}
		e.spans = append(e.spans, journal.Span{Shard: s})
		labels = append(labels, c.say("journal.export.month", language.Args{
			"Month": c.journalMonth(s.Month), "First": int(s.First), "Last": int(s.Last)}))
	}
	e.months.Set(labels, e.span)
	tail := m.Status.Entries - m.Status.Sealed
	show(e.months, whole)
	show(e.tail, whole && e.span == 0 && tail > 0)
	e.tail.Set(c.say("journal.export.tail", language.Args{"Count": int(tail)}), e.tail.On())
}

// journalMonth is a month with its year.
func (c *Context) journalMonth(at time.Time) string {
	return fmt.Sprintf("%s %d", c.say(fmt.Sprintf("date.month.%d", at.Month())), at.Year())
}

// checkCommand is how somebody checks an export of the journal.
func (c *Context) checkCommand(a *viewmodel.Archived) string {
	flag := ""
	if a.Span.Unsealed {
		flag = "--allow-unsealed "
	}
	return fmt.Sprintf("printroom-verify %s--keys %q %q", flag, a.Keys, a.Path)
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
