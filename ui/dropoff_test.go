package ui

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/theme"
)

// atCounter opens the drop-off with a day's pieces.
func atCounter(t *testing.T) (*room, *screens.DropOff) {
	r := open(t, 0)
	r.at.Dropped(time.Now(), nil)
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked })
	for i, s := range r.desk.screens {
		if d, ok := s.(*screens.DropOff); ok {
			r.until(func() bool { return r.desk.window.Canvas().Focused() != nil })
			before := r.desk.window.Canvas().Focused()
			r.desk.goTo(i)
			r.until(func() bool { return r.desk.window.Canvas().Focused() != before })
			return r, d
		}
	}
	t.Fatal("there is no drop-off")
	return nil, nil
}

func ctrl(r *room, key fyne.KeyName) { r.desk.press(key, fyne.KeyModifierControl) }

// TestDropOffByKeyboard closes a deposit, takes a receipt that was dropped on the
// window, and keeps it, without a pointer.
func TestDropOffByKeyboard(t *testing.T) {
	r, d := atCounter(t)
	ctrl(r, fyne.KeyD)
	r.until(func() bool { return len(r.at.Slips()) == 1 })
	path := filepath.Join(t.TempDir(), "receipt.png")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.desk.drop(fyne.Position{}, []fyne.URI{storage.NewFileURI(path)})
	r.until(func() bool { ctrl(r, fyne.KeyK); return len(r.at.KeptByHand()) == 1 })
	r.key(fyne.KeyEscape) // back to the deposit being made
	ctrl(r, fyne.KeyDown)
	ctrl(r, fyne.KeyUp)
	if f := r.desk.window.Canvas().Focused(); f == nil {
		t.Error("nothing has the focus")
	}
	d.Redraw()
}

// TestPieceOutByKeyboard: Delete asks why, the arrows choose, Enter takes it out.
func TestPieceOutByKeyboard(t *testing.T) {
	r, _ := atCounter(t)
	r.key(fyne.KeyDown)
	r.key(fyne.KeyDelete)
	r.key(fyne.KeyDown)
	r.key(fyne.KeyReturn)
	r.until(func() bool {
		why, err := r.at.Returned(t.Context())
		return err == nil && len(why) == 2
	})
	why, _ := r.at.Returned(t.Context())
	found := false
	for _, reason := range why {
		found = found || reason == station.ReturnAddress
	}
	if !found {
		t.Errorf("taken out for %v", why)
	}
}

// TestDropOffInEveryLook draws each state of the screen in every language, in the dark,
// with text of other sizes.
func TestDropOffInEveryLook(t *testing.T) {
	r, d := atCounter(t)
	path := filepath.Join(t.TempDir(), "receipt.png")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	looks := func() {
		for i, tag := range language.Tags() {
			r.desk.speak(tag)
			r.desk.dress(theme.Look{Brightness: theme.Dark, TextSize: theme.TextSizes()[i+1]})
			d.Redraw()
		}
	}
	looks()
	ctrl(r, fyne.KeyDown)
	looks()
	r.desk.drop(fyne.Position{}, []fyne.URI{storage.NewFileURI(path)})
	looks()
	ctrl(r, fyne.KeyR)
	ctrl(r, fyne.KeyB)
	looks()
}
