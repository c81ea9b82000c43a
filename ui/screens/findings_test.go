package screens

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func english(t *testing.T) *Context {
	t.Helper()
	test.NewTempApp(t)
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	return &Context{
		Kit: &widgets.Kit{Theme: theme.New(theme.Look{}, nil)}, Texts: func() *language.Texts { return c.In("en") },
		Now: func() time.Time { return noon }, Has: func(string) bool { return true },
	}
}

// TestFindingsCell keeps apart what was not looked at, what is clean, what
// somebody should look at and what holds a letter.
func TestFindingsCell(t *testing.T) {
	c := english(t)
	cell := func(found ...preflight.Code) widgets.Cell { return c.findings(&station.Job{Findings: found}) }
	if got := c.findings(&station.Job{}); got.Text != "" {
		t.Errorf("before the first look: %+v", got)
	}
	if got := c.findings(&station.Job{Findings: []preflight.Code{}}); got.Text != "–" || got.Chip != nil {
		t.Errorf("clean: %+v", got)
	}
	warned, held := cell(preflight.Blank, preflight.Margin), cell(preflight.Blank, preflight.Address)
	if warned.Text != "2" || warned.Chip == nil || held.Chip == nil || *warned.Chip == *held.Chip {
		t.Errorf("warned %+v, held %+v", warned, held)
	}
}

// TestFoundSaysEachThingOnce: what a letter is held for is not said twice.
func TestFoundSaysEachThingOnce(t *testing.T) {
	c := english(t)
	n := widgets.NewNotice(c.Kit, nil)
	say := func(hold station.FaultCode, found ...preflight.Code) string {
		c.found(n, &station.Job{Hold: hold, Findings: found})
		return n.What()
	}
	if got := say(""); got != "" {
		t.Errorf("nothing found: %q", got)
	}
	if got := say(station.PageCount, preflight.PageCount); got != "" {
		t.Errorf("held for its pages: %q", got)
	}
	if got := say("", preflight.Blank); got != c.say("preflight.blank") {
		t.Errorf("one finding: %q", got)
	}
	if got := say("", preflight.Blank, preflight.Form); got != "2 findings" {
		t.Errorf("two findings: %q", got)
	}
}

func TestUrgency(t *testing.T) {
	c := english(t)
	for _, k := range []struct {
		left  time.Duration
		state store.State
		want  theme.Colour
	}{
		{time.Hour, store.Ready, theme.Text}, {30 * time.Minute, store.Sent, theme.Warn},
		{0, store.DeviceDone, theme.Danger}, {-time.Hour, store.Enveloped, theme.Muted},
	} {
		if got := c.urgency(&station.Job{CutOff: noon.Add(k.left), State: k.state}); got != k.want {
			t.Errorf("%v before the cut-off, %s: colour %d, want %d", k.left, k.state, got, k.want)
		}
	}
}

// TestWindowOnTheCarrierPage: the envelope's window is drawn over page one of
// an open letter alone, inside the page, until W puts it away.
func TestWindowOnTheCarrierPage(t *testing.T) {
	c := english(t)
	m := viewmodel.NewPreview(nil, func(func()) {})
	defer m.Shutdown()
	l := newLetter(c, m, viewmodel.NewQueue(nil, nil))
	m.Job, m.Open = &station.Job{Envelope: "c5"}, true
	frames := l.frames()
	if len(frames) != 2 {
		t.Fatalf("%d frames", len(frames))
	}
	outer, inner := frames[0], frames[1]
	if inner.X < outer.X || inner.X+inner.Width > outer.X+outer.Width || inner.Y < 0.2 || inner.Y+inner.Height > 0.6 {
		t.Errorf("what always shows: %+v, what may show: %+v", inner, outer)
	}
	m.Current = 1
	if len(l.frames()) != 0 {
		t.Error("page two has a window")
	}
	m.Current = 0
	m.ToggleWindow()
	if len(l.frames()) != 0 {
		t.Error("W did not put it away")
	}
	m.ToggleWindow()
	m.Job.Envelope = "parcel"
	if len(l.frames()) != 0 {
		t.Error("an unknown envelope has a window")
	}
}

// TestNoDecryptionShowsNoLetter: the button can't be pressed, and the pane says
// why.
func TestNoDecryptionShowsNoLetter(t *testing.T) {
	c := english(t)
	m := viewmodel.NewPreview(nil, func(func()) {})
	defer m.Shutdown()
	l := newLetter(c, m, viewmodel.NewQueue(nil, nil))
	m.NoDecryption = station.TPMMissing
	m.Choose(&station.Job{ID: "a", State: store.Uncertain})
	l.redraw()
	m.Show()
	if l.open.Enabled() || m.Open || !l.press.Visible() {
		t.Errorf("enabled %v, open %v, the press %v", l.open.Enabled(), m.Open, l.press.Visible())
	}
	m.NoDecryption = ""
	l.redraw()
	if !l.open.Enabled() || l.note.Text() != c.say("letter.journaled") {
		t.Errorf("enabled %v, %q", l.open.Enabled(), l.note.Text())
	}
}
