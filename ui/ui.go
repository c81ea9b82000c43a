// Package ui is the window: its frame, the screens in it, the keys, and its
// life from the first snapshot to the last.
package ui

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	toolkit "fyne.io/fyne/v2/theme"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
)

// ID is the program's identity for the desktop; FyneApp.toml has the same.
const ID = "com.esperosoft.bjet24.printroom"

// Station is what the window needs of the station: the small interfaces of its
// view models together.
type Station interface {
	viewmodel.Watched
	viewmodel.Staff
	viewmodel.Locker
	viewmodel.Jobs
	viewmodel.Viewer
	viewmodel.Deposits
	viewmodel.Receipts
	viewmodel.Printing
	viewmodel.Equipment
	viewmodel.Reviewer
	viewmodel.PINs
}

// Config is what the window starts with. Station is required, or Open.
type Config struct {
	Station Station
	// Open brings the station while a window says so; it is called in a goroutine
	// and ends early by its context. The caller closes what it brought, even when
	// Run has returned an error.
	Open     func(context.Context) (Station, error)
	Language string        // until somebody unlocks: fr, nl, de or en
	Idle     time.Duration // lock after that long without a touch; 0 never
	Look     theme.Look
	// Memory keeps how each person left the window; nil for nowhere.
	Memory viewmodel.Shelf
	// OnLook and OnLanguage are told what a person changed, on the UI
	// goroutine; they must not wait.
	OnLook     func(theme.Look)
	OnLanguage func(tag string)
	// Show brings the window to the front, each time something comes; nil never.
	Show <-chan struct{}
	// OnQuit is called once the window is gone and its work has ended.
	OnQuit func()
	// Now tells the time; nil means time.Now.
	Now func() time.Time

	extra []func(*desk) place // screens that a test adds
}

// Title is the window's title.
const Title = "Bjet24 Print Room"

// start makes the application and dresses it.
func start(c Config) (fyne.App, *theme.Theme) {
	a := app.NewWithID(ID)
	a.SetIcon(fyne.NewStaticResource("app.png", assets.AppIcon))
	look := theme.New(c.Look, func() bool { return a.Settings().ThemeVariant() == toolkit.VariantDark })
	a.Settings().SetTheme(look)
	return a, look
}

// errStation is returned for a Config that lacks what is required.
var errStation = errors.New("the window needs a station")

// Run opens the window and returns once it is closed, by a person or because
// ctx ended, and Open has returned. It must be called from the program's main
// goroutine. What Open fails with comes back; as a *ShownError when a window
// has shown it already.
func Run(ctx context.Context, c Config) error {
	if c.Station == nil && c.Open == nil {
		return errStation
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		return fmt.Errorf("opening the window: %w", err)
	}
	run, stop := context.WithCancel(ctx)
	defer stop()
	var answer <-chan opened
	if c.Station == nil {
		answer = c.open(run)
		select {
		case got := <-answer:
			if got.err != nil {
				return got.err
			}
			c.Station, answer = got.station, nil
		case <-time.After(unseen):
		}
	}
	a, look := start(c)
	o := &opening{app: a, config: c, texts: texts, look: look, post: fyne.Do}
	var waiting sync.WaitGroup
	if answer == nil {
		o.desk = newDesk(a, a.NewWindow(Title), c, texts, look, fyne.Do)
		o.desk.open()
	} else {
		o.show()
		waiting.Go(func() { o.await(answer) })
	}
	defer context.AfterFunc(ctx, func() { fyne.Do(a.Quit) })()
	a.Run()
	stop()
	err = o.end()
	waiting.Wait()
	if c.OnQuit != nil {
		c.OnQuit()
	}
	return err
}
