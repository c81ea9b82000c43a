package ui

import (
	"errors"
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
)

func failed(t *testing.T, tag string, err error) *failure {
	t.Helper()
	texts, bad := language.Load(assets.Translations, "translations")
	if bad != nil {
		t.Fatal(bad)
	}
	a := test.NewTempApp(t)
	w := a.NewWindow(Title)
	f := newFailure(a, w, &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}, texts.In(tag), err)
	w.Show()
	return f
}

// TestFailureSaysWhatToDo covers a fault with a code and an error without one.
func TestFailureSaysWhatToDo(t *testing.T) {
	cause := errors.New("unix:/run/tpm: connection refused")
	f := failed(t, "fr", fmt.Errorf("open the room: %w", &station.Fault{Code: station.TPMMissing, Err: cause}))
	if f.what.Text() != f.texts.Say("fault.tpm_missing.what") || f.cause.Text() != cause.Error() {
		t.Errorf("%q because of %q", f.what.Text(), f.cause.Text())
	}
	f = failed(t, "en", cause)
	if f.what.Text() != f.texts.Say("fault.unexpected.what") || f.cause.Text() != cause.Error() {
		t.Errorf("%q because of %q", f.what.Text(), f.cause.Text())
	}
}

func TestFailureByKeyboard(t *testing.T) {
	f := failed(t, "en", errors.New("no such file"))
	c := f.window.Canvas()
	if f.cause.Visible() {
		t.Fatal("the cause is in sight at once")
	}
	c.FocusNext()
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if !f.cause.Visible() {
		t.Fatal("the details did not open")
	}
	c.FocusNext()
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
	if got := fyne.CurrentApp().Clipboard().Content(); got != "no such file" {
		t.Errorf("copied %q", got)
	}
	closed := false
	f.window.SetOnClosed(func() { closed = true })
	c.Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if !closed {
		t.Error("Escape does not close the window")
	}
}
