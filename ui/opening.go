package ui

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// ShownError is what Config.Open failed with after the window was in sight: the
// person has read it there.
type ShownError struct{ Err error }

func (e *ShownError) Error() string { return e.Err.Error() }

func (e *ShownError) Unwrap() error { return e.Err }

// unseen is how long Open may take before there is a window that says so. A
// station that opens at once, or fails at once, shows no such window.
const unseen = 150 * time.Millisecond

// opened is what came of Config.Open.
type opened struct {
	station Station
	err     error
}

// opening is the window while the station is being opened. Its fields belong
// to the UI goroutine but for over.
type opening struct {
	app    fyne.App
	config Config
	texts  *language.Catalogue
	look   *theme.Theme
	post   viewmodel.Poster
	window fyne.Window
	desk   *desk       // once the station is there
	err    error       // why it never will be
	over   atomic.Bool // the window is gone
}

// show opens the window with a word on what it waits for.
func (o *opening) show() {
	kit, say := &widgets.Kit{Theme: o.look}, o.texts.In(o.config.Language).Say
	brand := widgets.NewLamp(kit, nil)
	brand.Set("mails", Title, theme.Accent)
	word := widgets.NewEmpty(kit, "loader-circle", nil)
	word.Set("loader-circle", say("unlock.starting.what"), say("unlock.starting.do"))
	o.window = o.app.NewWindow(Title)
	o.window.SetPadded(false)
	o.window.SetContent(widgets.NewPanel(kit, theme.Ground, widgets.None, container.New(widgets.Arrange{
		Place: func(s fyne.Size) {
			b := brand.MinSize()
			widgets.Put(brand, 2*theme.Unit, (o.look.Grow(64)-b.Height)/2, b.Width, b.Height)
			widgets.Put(word, 0, 0, s.Width, s.Height)
		},
		Least: func() fyne.Size { return fyne.NewSize(640, 480) },
	}, word, brand)))
	o.window.Resize(firstSize())
	o.window.CenterOnScreen()
	o.window.Show()
}

// await hands over what comes of Open; it returns once that has come.
func (o *opening) await(answer <-chan opened) {
	got := <-answer
	o.post(func() {
		if !o.over.Load() {
			o.arrived(got)
		}
	})
}

// arrived puts the desk, or what went wrong, into the window.
func (o *opening) arrived(got opened) {
	if got.err != nil {
		o.err = got.err
		newFailure(o.app, o.window, &widgets.Kit{Theme: o.look}, o.texts.In(o.config.Language), got.err)
		return
	}
	o.config.Station = got.station
	o.desk = newDesk(o.app, o.window, o.config, o.texts, o.look, o.post)
	o.desk.open()
}

// end ends what is left when the window is gone, and waits for it.
func (o *opening) end() error {
	o.over.Store(true)
	if o.desk != nil {
		o.desk.close()
	}
	if o.err != nil {
		return &ShownError{Err: o.err}
	}
	return nil
}

// open calls Config.Open in a goroutine that ends by ctx.
func (c Config) open(ctx context.Context) <-chan opened {
	answer := make(chan opened, 1)
	go func() {
		s, err := c.Open(ctx)
		answer <- opened{s, err}
	}()
	return answer
}
