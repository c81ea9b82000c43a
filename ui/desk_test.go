package ui

import (
	"errors"
	"strconv"
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

// room is a window on the test driver, with the test as its UI goroutine.
type room struct {
	t    testing.TB
	desk *desk
	loop *uitest.Loop
	at   *uitest.Station
	ears
}

// ears is an application that hears what the desktop is told.
type ears struct {
	fyne.App
	heard chan *fyne.Notification
}

func (e ears) SendNotification(n *fyne.Notification) { e.heard <- n }

func open(t testing.TB, letters int) *room {
	t.Helper()
	return openWith(t, letters, Config{})
}

// openWith opens a window with what c has besides the station.
func openWith(t testing.TB, letters int, c Config) *room {
	t.Helper()
	texts, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	a := ears{test.NewTempApp(t), make(chan *fyne.Notification, 16)}
	look := theme.New(theme.Look{Brightness: theme.Light}, nil)
	a.Settings().SetTheme(look)
	s := uitest.NewStation(uitest.People(), uitest.Jobs(letters, time.Now()))
	loop := uitest.NewLoop(t, 1024)
	c.Station, c.Language = s, "en"
	if c.Now == nil {
		c.Now = time.Now
	}
	d := newDesk(a, a.NewWindow(Title), c, texts, look, loop.Post)
	d.open()
	t.Cleanup(d.close)
	r := &room{t, d, loop, s, a}
	r.until(func() bool { return len(d.unlock.People) == 4 })
	return r
}

func (r *room) until(done func() bool) {
	r.t.Helper()
	r.loop.Until(done)
}

// key presses a key on what has the focus, as the driver does.
func (r *room) key(name fyne.KeyName) {
	ev := &fyne.KeyEvent{Name: name}
	if f := r.desk.window.Canvas().Focused(); f != nil {
		f.TypedKey(ev)
		return
	}
	r.desk.window.Canvas().OnTypedKey()(ev)
}

func (r *room) typed(text string) {
	for _, c := range text {
		if f := r.desk.window.Canvas().Focused(); f != nil {
			f.TypedRune(c)
		} else {
			r.desk.window.Canvas().OnTypedRune()(c)
		}
	}
	r.until(func() bool { return !r.desk.scanner.Holding() })
}

// scan sends a code as a hand scanner does: keys, their characters, Enter.
func (r *room) scan(code string) {
	canvas := r.desk.window.Canvas()
	press := func(name fyne.KeyName) {
		if f := canvas.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: name})
		} else {
			canvas.OnTypedKey()(&fyne.KeyEvent{Name: name})
		}
	}
	for _, c := range code {
		press(fyne.KeyName(c))
		if f := canvas.Focused(); f != nil {
			f.TypedRune(c)
		} else {
			canvas.OnTypedRune()(c)
		}
	}
	press(fyne.KeyReturn)
}

func (r *room) enter(person, pin string) {
	r.typed(person)
	r.typed(pin)
	r.key(fyne.KeyReturn)
}

// TestUnlockByKeyboard goes from the first tile to the queue without a
// pointer, with a wrong PIN on the way.
func TestUnlockByKeyboard(t *testing.T) {
	r := open(t, 30)
	r.enter("4", "1111")
	r.until(func() bool { return r.desk.unlock.Fault != nil })
	if !r.desk.locked || r.desk.unlock.Fault.Code != station.WrongPIN {
		t.Fatalf("after a wrong PIN: locked %v, fault %v", r.desk.locked, r.desk.unlock.Fault)
	}
	r.typed("2468") // the focus is back in the field
	r.key(fyne.KeyReturn)
	r.until(func() bool { return !r.desk.locked && len(r.desk.queue.Rows) == 30 })
	if r.desk.door.Content().Visible() || !r.desk.shell.content.Visible() {
		t.Error("the queue is not in sight")
	}
	if got := r.desk.shell.person.Word(); got != "Sam Okafor" {
		t.Errorf("the status line names %q", got)
	}
}

// TestLockShowsNothing covers that a locked window shows none of the letters.
func TestLockShowsNothing(t *testing.T) {
	r := open(t, 30)
	r.enter("4", "2468")
	r.until(func() bool { return len(r.desk.queue.Rows) == 30 })
	r.desk.press(fyne.KeyL, fyne.KeyModifierControl)
	r.until(func() bool { return r.desk.locked && len(r.desk.queue.Rows) == 0 })
	if r.desk.shell.content.Visible() {
		t.Error("the queue is still in sight")
	}
	r.desk.press(fyne.KeyF5, 0)
	if r.desk.queue.Claiming {
		t.Error("a locked window claimed letters")
	}
}

// TestKeysReachTheWindow proves that F5 works whatever has the focus.
func TestKeysReachTheWindow(t *testing.T) {
	r := open(t, 3)
	r.enter("4", "2468")
	r.until(func() bool { return len(r.desk.queue.Rows) == 3 && r.desk.window.Canvas().Focused() != nil })
	for range 12 {
		r.at.Fail("claim", &station.Fault{Code: station.CentralDown, Err: errors.New("refused")})
		r.desk.queue.Dismiss()
		r.key(fyne.KeyF5)
		if !r.desk.queue.Claiming {
			t.Fatalf("F5 is lost on %T", r.desk.window.Canvas().Focused())
		}
		r.until(func() bool { return !r.desk.queue.Claiming })
		r.desk.window.Canvas().FocusNext()
	}
}

// TestArrowsChooseAndEnterOpens covers the rows, by keyboard alone.
func TestArrowsChooseAndEnterOpens(t *testing.T) {
	r := open(t, 30)
	r.enter("4", "2468")
	r.until(func() bool { return len(r.desk.queue.Rows) == 30 && r.desk.window.Canvas().Focused() != nil })
	r.key(fyne.KeyDown)
	r.key(fyne.KeyDown)
	want := r.desk.queue.Rows[1].ID
	if r.desk.queue.Selected != want || len(r.at.Viewed()) != 0 {
		t.Fatalf("chosen %q, viewed %v", r.desk.queue.Selected, r.at.Viewed())
	}
	r.key(fyne.KeyReturn)
	r.until(func() bool { return !r.desk.preview.Loading })
	if got := r.at.Viewed(); len(got) != 1 || got[0] != want {
		t.Errorf("viewed %v", got)
	}
	r.key(fyne.KeyRight)
	if r.desk.preview.Current != 1 {
		t.Errorf("on page %d", r.desk.preview.Current)
	}
	r.key(fyne.KeyEscape)
	if r.desk.preview.Open {
		t.Error("Escape did not close the letter")
	}
	r.typed("zzz") // goes to the filter
	r.until(func() bool { return r.desk.queue.Filter == "zzz" && len(r.desk.queue.Rows) == 0 })
}

// TestSheets opens and closes the list of keys in every language.
func TestSheets(t *testing.T) {
	r := open(t, 1)
	for _, tag := range language.Tags() {
		r.desk.speak(tag)
		r.desk.press(fyne.KeyF1, 0)
		if !r.desk.sheet.open() {
			t.Fatal("F1 shows nothing")
		}
		r.key(fyne.KeyEscape)
		if r.desk.sheet.open() {
			t.Fatal("Escape does not close it")
		}
	}
	r.desk.showSettings()
	r.desk.dress(theme.Look{Brightness: theme.Dark, TextSize: 200})
	if !r.desk.look.IsDark() || r.desk.look.Grow(theme.Body) != 28 {
		t.Error("the look did not change")
	}
}

// TestLastOfManyRows: the keys reach the end of 100,000 letters.
func TestLastOfManyRows(t *testing.T) {
	r := manyRows(t, 100_000)
	r.key(fyne.KeyEnd)
	if got := r.desk.queue.Selected; got != r.desk.queue.Rows[99_999].ID {
		t.Errorf("End chose %q", got)
	}
}

func manyRows(t testing.TB, letters int) *room {
	r := open(t, letters)
	r.enter("4", "2468")
	r.until(func() bool { return len(r.desk.queue.Rows) == letters && r.desk.window.Canvas().Focused() != nil })
	return r
}

// BenchmarkStep is one step with an arrow; it should not depend on the rows.
func BenchmarkStep(b *testing.B) {
	for _, letters := range []int{100, 100_000} {
		b.Run(strconv.Itoa(letters), func(b *testing.B) {
			r := manyRows(b, letters)
			r.key(fyne.KeyHome)
			for b.Loop() {
				r.key(fyne.KeyDown)
			}
		})
	}
}

// TestRowsTakeTheFocusFromTheButtonThatBroughtThem: after F5 on an empty queue
// the arrows must choose letters, without a pointer or a Tab.
func TestRowsTakeTheFocusFromTheButtonThatBroughtThem(t *testing.T) {
	r := open(t, 0)
	r.at.Arrives = func(int) []station.Job { return uitest.Jobs(3, time.Now()) }
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked && r.desk.queue.Ready })
	r.key(fyne.KeyF5)
	r.until(func() bool { return len(r.desk.queue.Rows) == 3 })
	r.key(fyne.KeyDown)
	if r.desk.queue.Selected == "" {
		t.Errorf("no letter is chosen; the focus is on %T", r.desk.window.Canvas().Focused())
	}
}

// TestSettingsStayWhereOneChose: the focus starts on the language in use and
// stays on what was just chosen.
func TestSettingsStayWhereOneChose(t *testing.T) {
	r := atWork(t, 1)
	r.desk.showSettings()
	c := r.desk.window.Canvas()
	if got := labelOf(c.Focused()); got != "English" {
		t.Errorf("the focus is on %q", got)
	}
	for range 3 {
		c.FocusNext()
	}
	want := labelOf(c.Focused())
	r.key(fyne.KeyReturn)
	if got := labelOf(c.Focused()); got != want || !r.desk.look.IsDark() {
		t.Errorf("%q was chosen, %q has the focus", want, got)
	}
}

// TestKeysScrollAndKeepTheWayOut: in large text the list of keys is longer than
// the window. It scrolls, and its button stays where it is.
func TestKeysScrollAndKeepTheWayOut(t *testing.T) {
	r := atWork(t, 1)
	r.desk.dress(theme.Look{TextSize: 200})
	r.key(fyne.KeyF1)
	c := r.desk.window.Canvas()
	shut, _ := c.Focused().(fyne.CanvasObject)
	if shut == nil || !r.desk.sheet.open() {
		t.Fatal("nothing has the focus")
	}
	driver := fyne.CurrentApp().Driver()
	before := driver.AbsolutePositionForObject(shut)
	if bottom := before.Y + shut.Size().Height; bottom > c.Size().Height {
		t.Errorf("the button ends at %v of %v", bottom, c.Size().Height)
	}
	r.key(fyne.KeyPageDown)
	if r.desk.sheet.flow.Offset() == 0 {
		t.Error("Page Down does not scroll")
	}
	if after := driver.AbsolutePositionForObject(shut); after != before {
		t.Errorf("the button went from %v to %v", before, after)
	}
	r.key(fyne.KeyPageUp)
	if got := r.desk.sheet.flow.Offset(); got != 0 {
		t.Errorf("Page Up ends at %v", got)
	}
}
