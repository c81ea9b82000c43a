package ui

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"espero-soft.com/printroom/ui/habits"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// desk is the window with everything in it. It belongs to the UI goroutine but
// for the goroutines in ticking, which only post.
type desk struct {
	config  Config
	app     fyne.App
	window  fyne.Window
	look    *theme.Theme
	kit     *widgets.Kit
	texts   *language.Catalogue
	tongue  *language.Texts // the language of the moment
	at      *screens.Context
	post    viewmodel.Poster
	frame   *viewmodel.Frame
	unlock  *viewmodel.Unlock
	queue   *viewmodel.Queue
	preview *viewmodel.Preview
	room    *viewmodel.Room
	journal *viewmodel.Journal
	printed *viewmodel.Press
	feed    *viewmodel.Feed
	scanner *viewmodel.Scanner
	bell    *viewmodel.Bell
	memory  *viewmodel.Memory
	change  *viewmodel.ChangePIN

	door    *screens.Unlock // what a locked window shows
	screens []screens.Screen
	places  []place // the screens with what feeds them, in the rail's order
	current int
	locked  bool
	who     string        // pseudonym of who is here
	own     habits.Habits // of that person
	shell   *shell
	sheet   *sheet
	pin     *screens.ChangePIN      // what the sheet shows while a PIN is changed
	notices chan *fyne.Notification // on their way to the desktop
	stop    context.CancelFunc
	ticking sync.WaitGroup
}

func newDesk(a fyne.App, w fyne.Window, c Config, texts *language.Catalogue, look *theme.Theme, post viewmodel.Poster) *desk {
	d := &desk{config: c, app: a, window: w, look: look, texts: texts, tongue: texts.In(c.Language), post: post, locked: true,
		notices: make(chan *fyne.Notification, notifyMost)}
	d.window.SetPadded(false)
	d.models()
	d.kit = &widgets.Kit{Theme: look, Touched: d.frame.Touch}
	d.listenToScanner()
	d.at = &screens.Context{
		Kit: d.kit, Texts: func() *language.Texts { return d.tongue }, Now: c.Now,
		Copy: func(text string) { a.Clipboard().SetContent(text) },
		Open: d.openOn, Has: d.has,
		Focus: d.focus, Focused: func() fyne.Focusable { return d.window.Canvas().Focused() },
	}
	d.door = screens.NewUnlock(d.at, d.unlock, d.speak)
	d.places = []place{d.queuePlace(), d.pressPlace(), d.dropOffPlace(), d.journalPlace(), d.roomPlace()}
	for _, extra := range c.extra {
		d.places = append(d.places, extra(d))
	}
	for _, p := range d.places {
		d.screens = append(d.screens, p.screen)
	}
	d.pin = screens.NewChangePIN(d.at, d.change, func(o fyne.CanvasObject) { d.sheet.reveal(o) })
	d.shell = newShell(d)
	d.sheet = newSheet(d)
	d.window.SetContent(container.NewStack(d.door.Content(), d.shell.content))
	d.shell.content.Hide()
	d.bind()
	d.window.SetOnDropped(d.drop)
	d.listen()
	return d
}

func (d *desk) models() {
	s, now := d.config.Station, viewmodel.Clock(d.config.Now)
	d.frame = viewmodel.NewFrame(s, d.post, now, d.config.Idle)
	d.unlock = viewmodel.NewUnlock(s, d.post, now)
	d.feed = viewmodel.NewFeed(s, d.post, viewmodel.Pace)
	d.memory = viewmodel.NewMemory(d.config.Memory, d.post, func(err error) { fyne.LogError("keeping how the window was left", err) })
	d.change = viewmodel.NewChangePIN(s, d.post)
	d.bell = viewmodel.NewBell(now)
	d.bell.Ring = d.ring
}

// listen ties the models to the window.
func (d *desk) listen() {
	d.unlock.Changed = func() {
		if d.locked {
			d.door.Redraw()
		}
	}
	d.frame.Changed = func() { d.shell.redraw() }
	d.change.Changed = func() {
		d.pin.Redraw()
		d.sheet.fit(d.change.Done)
	}
	d.feed.Listen(d.person)
	d.feed.Listen(d.unlock.Show)
	d.feed.Listen(d.frame.Show)
	d.feed.Listen(d.change.Show)
	d.feed.Listen(d.bell.Show)
	for _, p := range d.places {
		d.feed.Listen(p.show)
	}
}

// firstSize is the size of a window that nobody changed.
func firstSize() fyne.Size { return fyne.NewSize(1280, 800) }

// open shows the window and starts what brings it news.
func (d *desk) open() {
	d.window.Resize(firstSize())
	d.translateToolkit()
	d.unlock.Load()
	d.door.Focus()
	d.door.Redraw()
	d.shell.redraw()
	d.window.CenterOnScreen()
	d.window.Show()
	d.feed.Start()
	var ctx context.Context
	ctx, d.stop = context.WithCancel(context.Background())
	d.ticking.Go(func() { d.tick(ctx) })
	d.ticking.Go(func() { d.answer(ctx) })
	d.ticking.Go(func() { d.notify(ctx) })
}

// tick moves what depends on the time alone: waits, cut-offs, the idle lock.
func (d *desk) tick(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			d.post(func() {
				d.frame.Tick()
				d.unlock.Tick()
				d.shell.tick()
				d.bell.Tick()
				d.note()
			})
		}
	}
}

// answer brings the window to the front when a second copy of the program was
// started.
func (d *desk) answer(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-d.config.Show:
			if !ok {
				return
			}
			d.post(func() {
				d.window.Show()
				d.window.RequestFocus()
			})
		}
	}
}

// close ends the window's work and waits for it.
func (d *desk) close() {
	d.note()
	d.stop()
	d.ticking.Wait()
	d.scanner.Close()
	d.feed.Close()
	for _, p := range d.places {
		p.close()
	}
	d.unlock.Close()
	d.change.Close()
	d.frame.Close()
	d.memory.Close()
	d.door.Lock()
}

// redraw shows everything anew: another language, another look.
func (d *desk) redraw() {
	d.door.Redraw()
	d.shell.redraw()
	for _, s := range d.screens {
		s.Redraw()
	}
}

func (d *desk) focus(o fyne.Focusable) {
	if o != nil {
		d.wake()
		d.window.Canvas().Focus(o)
	}
}

// wake makes the toolkit know what is in sight before the next frame: it finds
// what is to get the focus only in what has a renderer, and drops those of what
// was hidden for a minute. To ask where something stands makes them: of the
// screen's last part, and of the door, one is always known.
func (d *desk) wake() {
	driver := d.app.Driver()
	driver.AbsolutePositionForObject(d.shell.foot)
	driver.AbsolutePositionForObject(d.door.Content())
}

// goTo shows a screen.
func (d *desk) goTo(i int) {
	if d.locked || i >= len(d.screens) {
		return
	}
	d.current = i
	d.shell.redraw()
	d.screens[i].Redraw()
	d.screens[i].Focus()
}

// sees returns what redraws a screen while it is in sight; the others are
// redrawn when somebody goes there.
func (d *desk) sees(s screens.Screen) func() {
	return func() {
		if d.screens[d.current] == s {
			s.Redraw()
		}
	}
}
