package ui

import (
	"context"
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

// Fail shows, in a small window of its own, what kept the program from
// starting: what happened, what it means, what to do, and the cause to copy.
// It returns once the window is closed or ctx ended. Like Run it must be
// called from the program's main goroutine, and one of the two only: after
// Run it shows nothing.
func Fail(ctx context.Context, c Config, fault error) error {
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		return errors.Join(fault, err)
	}
	a, look := start(c)
	w := a.NewWindow(Title)
	w.SetPadded(false)
	newFailure(a, w, &widgets.Kit{Theme: look}, texts.In(c.Language), fault)
	w.CenterOnScreen()
	w.Show()
	defer context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })()
	a.Run()
	return nil
}

// failure is the content of that window.
type failure struct {
	window  fyne.Window
	kit     *widgets.Kit
	texts   *language.Texts
	what    *widgets.Paragraph
	means   *widgets.Paragraph
	do      *widgets.Paragraph
	cause   *widgets.Paragraph
	details *widgets.Button
	copied  *widgets.Button
	shut    *widgets.Button
	column  *widgets.Column
}

func newFailure(a fyne.App, w fyne.Window, kit *widgets.Kit, texts *language.Texts, err error) *failure {
	f := &failure{window: w, kit: kit, texts: texts}
	brand := widgets.NewLamp(kit, nil)
	brand.Set("mails", Title, theme.Accent)
	f.what = widgets.NewParagraph(kit, theme.Title, theme.Danger, true)
	f.means = widgets.NewParagraph(kit, theme.Body, theme.Text, false)
	f.do = widgets.NewParagraph(kit, theme.Body, theme.Text, true)
	f.cause = widgets.NewParagraph(kit, theme.Caption, theme.Muted, false)
	f.cause.Hide()
	f.details = widgets.NewButton(kit, widgets.Plain, "", f.toggle)
	f.copied = widgets.NewButton(kit, widgets.Plain, "copy", func() { a.Clipboard().SetContent(f.cause.Text()) })
	f.shut = widgets.NewButton(kit, widgets.Primary, "", w.Close)
	f.copied.Hide()
	f.say(err)
	f.column = widgets.NewColumn(kit, 2*theme.Unit, f.what, f.means, f.do, f.cause)
	flow, row := widgets.NewFlow(f.column), widgets.NewRow(kit, theme.Unit, f.shut, f.details, f.copied)
	w.SetContent(widgets.NewPanel(kit, theme.Ground, widgets.None, container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			pad, b, r := 4*theme.Unit, brand.MinSize(), row.MinSize()
			widgets.Put(brand, pad-theme.Unit, 2*theme.Unit, b.Width, b.Height)
			top := 4*theme.Unit + b.Height
			widgets.Put(flow, pad, top, s.Width-2*pad, s.Height-top-r.Height-2*pad)
			widgets.Put(row, pad, s.Height-r.Height-pad, s.Width-2*pad, r.Height)
		},
		Least: func() fyne.Size { return fyne.NewSize(480, 320) },
	}, brand, flow, row)))
	w.Canvas().SetOnTypedKey(func(ev *fyne.KeyEvent) {
		if ev.Name == fyne.KeyEscape {
			w.Close()
		}
	})
	w.Resize(fyne.NewSize(640, 400))
	w.Canvas().Focus(f.shut)
	return f
}

// say writes the texts of the fault in err; an error that is none is shown as
// unexpected, its own words under Details.
func (f *failure) say(err error) {
	code, cause := station.Unexpected, err
	var fault *station.Fault
	if errors.As(err, &fault) && slices.Contains(station.FaultCodes(), fault.Code) {
		code = fault.Code
		if cause = fault.Err; cause == nil {
			cause = fault
		}
	}
	key := "fault." + string(code)
	f.what.Set(f.texts.Say(key + ".what"))
	f.means.Set(f.texts.Say(key + ".means"))
	f.do.Set(f.texts.Say(key + ".do"))
	f.cause.Set(cause.Error())
	f.details.Set(f.texts.Say("notice.details"), "")
	f.copied.Set(f.texts.Say("notice.copy"), "")
	f.shut.Set(f.texts.Say("sheet.close"), "Esc")
}

// toggle shows or hides the cause.
func (f *failure) toggle() {
	word := "notice.hide"
	if f.cause.Visible() {
		word = "notice.details"
		f.cause.Hide()
		f.copied.Hide()
	} else {
		f.cause.Show()
		f.copied.Show()
	}
	f.details.Set(f.texts.Say(word), "")
	f.window.Content().Refresh()
}
