package ui

import (
	"context"
	"errors"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// starting is a window whose station is still being opened.
func starting(t *testing.T) (*opening, *uitest.Loop) {
	t.Helper()
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	loop := uitest.NewLoop(t, 64)
	o := &opening{app: test.NewTempApp(t), config: Config{Language: "en", Now: time.Now}, texts: texts, look: theme.New(theme.Look{}, nil), post: loop.Post}
	o.show()
	return o, loop
}

func TestTheDeskComesIntoTheWindow(t *testing.T) {
	o, loop := starting(t)
	s := uitest.NewStation(uitest.People(), uitest.Jobs(3, time.Now()))
	o.config.Open = func(context.Context) (Station, error) { return s, nil }
	o.await(o.config.open(t.Context()))
	loop.Until(func() bool { return o.desk != nil && len(o.desk.unlock.People) == 4 })
	if o.desk.window != o.window {
		t.Error("the desk has another window")
	}
	if err := o.end(); err != nil {
		t.Error(err)
	}
}

func TestTheFailureComesIntoTheWindow(t *testing.T) {
	o, loop := starting(t)
	cause := &station.Fault{Code: station.JournalBroken, Err: errors.New("entry 7")}
	o.config.Open = func(context.Context) (Station, error) { return nil, cause }
	o.await(o.config.open(t.Context()))
	loop.Run(1)
	closed := false
	o.window.SetOnClosed(func() { closed = true })
	o.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	var shown *ShownError
	if err := o.end(); !closed || !errors.As(err, &shown) || !errors.Is(err, error(cause)) {
		t.Errorf("closed %v, error %v", closed, err)
	}
}

// TestAWindowThatWasClosedTakesNoStation: whoever gave up sees nothing more.
func TestAWindowThatWasClosedTakesNoStation(t *testing.T) {
	o, loop := starting(t)
	answer := make(chan opened, 1)
	answer <- opened{station: uitest.NewStation(nil, nil)}
	if err := o.end(); err != nil {
		t.Error(err)
	}
	o.await(answer)
	loop.Run(1)
	if o.desk != nil {
		t.Error("a desk was made for a window that is gone")
	}
}

// TestAFailureAtOnceIsTheCallers: no window is opened for it.
func TestAFailureAtOnceIsTheCallers(t *testing.T) {
	cause := errors.New("in use")
	err := Run(t.Context(), Config{Open: func(context.Context) (Station, error) { return nil, cause }})
	var shown *ShownError
	if !errors.Is(err, cause) || errors.As(err, &shown) {
		t.Errorf("Run said %v", err)
	}
	if err := Run(t.Context(), Config{}); !errors.Is(err, errStation) {
		t.Errorf("without a station: %v", err)
	}
}
