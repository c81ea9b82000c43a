package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// bare is a screen that only counts.
type bare struct {
	name    string
	content *widget.Label
	keys    []screens.Shortcut
	drawn   int
	focused int
}

func (b *bare) Name() string                  { return b.name }
func (b *bare) Icon() string                  { return "printer" }
func (b *bare) Content() fyne.CanvasObject    { return b.content }
func (b *bare) Redraw()                       { b.drawn++ }
func (b *bare) Focus()                        { b.focused++ }
func (b *bare) Shortcuts() []screens.Shortcut { return b.keys }
func (b *bare) Back() bool                    { return false }

func (b *bare) place(*desk) place {
	return place{screen: b, show: func(station.Snapshot) {}, lock: func() {}, close: func() {}}
}

// withOther is a room with one screen more than the product has, the last in
// the rail, and Sam at work.
func withOther(t *testing.T, letters int) (*room, *bare) {
	t.Helper()
	other := &bare{name: "other", content: widget.NewLabel("other")}
	r := openWith(t, letters, Config{extra: []func(*desk) place{other.place}})
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked && len(r.desk.queue.Rows) == letters })
	return r, other
}

// TestOneScreenIsInSight covers Ctrl+1 and Ctrl+2.
func TestOneScreenIsInSight(t *testing.T) {
	r, other := withOther(t, 3)
	d := r.desk
	alone := func(want int) {
		t.Helper()
		for i, s := range d.screens {
			if s.Content().Visible() != (i == want) {
				t.Errorf("screen %d (%s) is in sight: %v", i, s.Name(), i != want)
			}
		}
	}
	alone(0)
	d.press(fyne.Key2, fyne.KeyModifierControl)
	alone(1)
	d.goTo(len(d.screens) - 1)
	alone(len(d.screens) - 1)
	if other.focused != 1 {
		t.Error("the screen was not given the focus")
	}
	d.goTo(len(d.screens))
	alone(len(d.screens) - 1)
}

// TestKeysOfTheQueueWorkFromAfar: F5 fetches, Ctrl+F filters, Ctrl+P only goes
// there; a screen's own key comes first.
func TestKeysOfTheQueueWorkFromAfar(t *testing.T) {
	r, other := withOther(t, 3)
	d := r.desk
	last := len(d.screens) - 1
	far := func(key fyne.KeyName, modifier fyne.KeyModifier) {
		d.goTo(last)
		d.press(key, modifier)
	}
	far(fyne.KeyF5, 0)
	if d.current != 0 || !d.queue.Claiming {
		t.Errorf("F5: screen %d, fetching %v", d.current, d.queue.Claiming)
	}
	r.until(func() bool { return !d.queue.Claiming })
	far(fyne.KeyP, fyne.KeyModifierControl)
	if d.current != 0 || d.queue.Printing || len(r.at.Printed()) > 0 {
		t.Error("Ctrl+P printed what was not in sight")
	}
	far(fyne.KeyF, fyne.KeyModifierControl)
	r.typed("zz")
	r.until(func() bool { return d.queue.Filter == "zz" })
	own := 0
	other.keys = []screens.Shortcut{{Key: fyne.KeyF5, Message: "key.claim", Do: func() { own++ }}}
	far(fyne.KeyF5, 0)
	if own != 1 || d.current != last {
		t.Error("the screen's own F5 was not pressed")
	}
}

func TestLettersOnPaperOpenOnThePress(t *testing.T) {
	r := atWork(t, 3)
	jobs := uitest.Jobs(3, time.Now())
	jobs[1].State, jobs[1].Batch = "UNCERTAIN", "b-1"
	r.at.Change(func(c *station.Snapshot) { c.Jobs = jobs })
	r.until(func() bool { return r.desk.queue.Attention == 1 && r.desk.printed.Choose(jobs[1]) })
	r.scan(string(jobs[1].Code))
	if got := r.desk.screens[r.desk.current].Name(); got != "press" {
		t.Errorf("it opened on %s", got)
	}
	r.scan(string(jobs[0].Code))
	if r.desk.current != 0 || r.desk.queue.Selected != jobs[0].ID {
		t.Errorf("screen %d, chosen %q", r.desk.current, r.desk.queue.Selected)
	}
}

// TestLampsOpenWhatTheyStandFor, or a sheet that explains it.
func TestLampsOpenWhatTheyStandFor(t *testing.T) {
	r := atWork(t, 3)
	d := r.desk
	d.shell.printer.Tapped(nil)
	if d.screens[d.current].Name() != "press" {
		t.Error("the printer's lamp does not lead to the press")
	}
	d.queue.SortBy(viewmodel.ByCode)
	d.shell.cutoff.Tapped(nil)
	if d.current != 0 || d.queue.Sort.Column != viewmodel.ByCutOff {
		t.Error("the cut-off does not lead to the most urgent letters")
	}
	r.at.Change(func(c *station.Snapshot) {
		c.Central, c.TPM, c.NoDecryption, c.TPMEndpoint = station.LampBad, station.LampBad, station.TPMCleared, "unix:/tmp/x"
		c.LastFault = &station.Fault{Code: station.Certificate}
	})
	r.until(func() bool { return d.frame.Central == station.LampBad })
	if got := d.lampFault("central"); got == nil || got.Code != station.Certificate {
		t.Errorf("central: %v", got)
	}
	if got := d.lampFault("tpm"); got == nil || got.Code != station.TPMCleared {
		t.Errorf("TPM: %v", got)
	}
	for _, part := range []string{"central", "tpm"} {
		d.openLamp(part, part)
		if !d.sheet.open() {
			t.Errorf("%s explains nothing", part)
		}
		d.sheet.close()
	}
}

// TestHiddenScreensStand: a snapshot costs nothing on hidden screens.
func TestHiddenScreensStand(t *testing.T) {
	r, other := withOther(t, 3)
	r.desk.goTo(len(r.desk.screens) - 1)
	redraw, drawn := r.desk.sees(other), other.drawn
	redraw()
	if other.drawn != drawn+1 {
		t.Error("the screen in sight was not redrawn")
	}
	r.desk.goTo(0)
	drawn = other.drawn
	redraw()
	if other.drawn != drawn {
		t.Error("a hidden screen was redrawn")
	}
}

// TestEveryScreenHasHelp holds F1 to a text for each screen, and each screen's
// keys to words, in every language.
func TestEveryScreenHasHelp(t *testing.T) {
	r := open(t, 1)
	for _, tag := range language.Tags() {
		texts := r.desk.texts.In(tag)
		for _, s := range r.desk.screens {
			keys := []string{"help." + s.Name(), "screen." + s.Name(), "rail." + s.Name(), "key.screen." + s.Name()}
			for _, own := range s.Shortcuts() {
				if own.Message != "" {
					keys = append(keys, own.Message)
				}
			}
			for _, key := range keys {
				if !texts.Has(key) {
					t.Errorf("%s has no %s", tag, key)
				}
			}
		}
	}
}
