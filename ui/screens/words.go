package screens

import (
	"slices"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// States lists the states of a job that have a word.
func States() []store.State {
	return []store.State{store.Ready, store.Intent, store.Created, store.Sending, store.Sent, store.DeviceDone,
		store.Uncertain, store.Confirmed, store.Enveloped, store.Dropped, store.Held}
}

func stateMood(s store.State) widgets.Mood {
	switch s {
	case store.Intent, store.Created, store.Sending:
		return widgets.Busy("send")
	case store.Sent:
		return widgets.Busy("printer")
	case store.DeviceDone:
		return widgets.Good("printer-check")
	case store.Uncertain:
		return widgets.Danger("triangle-alert")
	case store.Confirmed:
		return widgets.Good("check")
	case store.Enveloped:
		return widgets.Good("mail-check")
	case store.Dropped:
		return widgets.Good("package-check")
	case store.Held:
		return widgets.Warn("hand")
	default:
		return widgets.Calm("circle-dot")
	}
}

func (c *Context) state(s store.State) string      { return c.say("state." + string(s)) }
func (c *Context) product(p postal.Product) string { return c.say("product." + string(p)) }

// profile finds an envelope's measures.
func (c *Context) profile(name string) (postal.Envelope, bool) {
	if c.tables == nil {
		tables, err := postal.Default()
		if err != nil {
			return postal.Envelope{}, false // the station said so when it started
		}
		c.tables = tables
	}
	e, err := c.tables.Envelope(name)
	return e, err == nil
}

func (c *Context) envelope(name string) string {
	if e, ok := c.profile(name); ok {
		return e.Title
	}
	return name
}

func (c *Context) sides(duplex, colour bool) string {
	side, ink := "one", "black"
	if duplex {
		side = "two"
	}
	if colour {
		ink = "colour"
	}
	return c.say("sides." + side + "." + ink)
}

// words are what the filter finds besides codes.
func (c *Context) words() viewmodel.Words {
	w := viewmodel.Words{Product: make(map[postal.Product]string), State: make(map[store.State]string)}
	for _, p := range postal.Products() {
		w.Product[p] = strings.ToLower(c.product(p))
	}
	for _, s := range States() {
		w.State[s] = strings.ToLower(c.state(s))
	}
	return w
}

// CutOff writes the soonest cut-off and what is left of it, and how urgent
// that is: calm, or a warning in the last half hour, or danger when it passed.
func (c *Context) CutOff(at time.Time) (string, theme.Colour) {
	if at.IsZero() {
		return c.say("cutoff.none"), theme.Muted
	}
	left := at.Sub(c.Now())
	text := c.say("cutoff.next", language.Args{"Time": c.Texts().Moment(at, c.Now()), "Left": c.Texts().Left(left)})
	switch {
	case left <= 0:
		return text, theme.Danger
	case left <= 30*time.Minute:
		return text, theme.Warn
	default:
		return text, theme.Text
	}
}

// faultMood tells how bad a condition is: those that pass by themselves warn.
func faultMood(code station.FaultCode) widgets.Mood {
	switch code {
	case station.CentralDown, station.TPMBusy, station.CentralRefused, station.PrinterOff, station.Locked:
		return widgets.Warn("triangle-alert")
	default:
		return widgets.Danger("octagon-alert")
	}
}

// faultTexts are what happened and, in one paragraph, what it means for the
// letters and what to do.
func (c *Context) faultTexts(code station.FaultCode) (what, body string) {
	if !slices.Contains(station.FaultCodes(), code) {
		code = station.Unexpected
	}
	key := "fault." + string(code)
	return c.say(key + ".what"), c.say(key+".means") + " " + c.say(key+".do")
}

// FaultNotice returns a notice that shows a fault.
func (c *Context) FaultNotice(f *station.Fault) *widgets.Notice {
	n := widgets.NewNotice(c.Kit, nil)
	n.OnCopy = c.Copy
	c.notice(n, f)
	return n
}

// notice shows a fault, or hides the notice when there is none.
func (c *Context) notice(n *widgets.Notice, f *station.Fault) {
	if f == nil {
		n.Hide()
		return
	}
	what, body := c.faultTexts(f.Code)
	cause := ""
	if f.Err != nil {
		cause = f.Err.Error()
	}
	n.Set(faultMood(f.Code), what, body, cause, widgets.NoticeWords{
		Details: c.say("notice.details"), Hide: c.say("notice.hide"),
		Copy: c.say("notice.copy"), Dismiss: c.say("notice.dismiss"),
	})
}
