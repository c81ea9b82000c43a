package screens

import (
	"slices"
	"strings"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// DeviceCodes lists what a printer may need or suffer; each has a sentence of
// what it is and one of what to do.
func DeviceCodes() []string {
	return []string{device.MediaEmpty, device.MediaNeeded, device.MediaJam, device.MediaLow, device.TrayMissing,
		device.DoorOpen, device.TonerEmpty, device.TonerLow, device.WasteFull, device.OutputFull, device.Paused,
		device.Offline, device.ShuttingOff, device.SpoolFull, device.TooHot, device.ServiceCall, device.OtherReason}
}

// deviceTexts are what a printer suffers and what to do.
func (c *Context) deviceTexts(code string) (what, do string) {
	if !slices.Contains(DeviceCodes(), code) {
		code = device.OtherReason
	}
	return c.say("device." + code + ".what"), c.say("device." + code + ".do")
}

// deviceMood is graver where somebody has to walk to the printer.
func deviceMood(code string) widgets.Mood {
	if device.NeedsPerson(code) {
		return widgets.Danger("octagon-alert")
	}
	return widgets.Warn("triangle-alert")
}

func (c *Context) reason(r station.ReasonCode) string { return c.say("reason." + string(r)) }

// why is the reason for which a letter is printed again, "" when it is not.
func (c *Context) why(j *station.Job) string {
	if r := j.Reprint; r != "" {
		return c.reason(r)
	}
	return ""
}

// asked is what a person has to do about a letter, in a word or two.
func (c *Context) asked(j *station.Job) (string, theme.Colour) {
	switch {
	case viewmodel.TakenBack(*j) && len(station.Verdicts(*j)) > 0:
		return c.say("asked.destroy"), theme.Danger
	case j.State == store.Uncertain:
		return c.say("asked.look"), theme.Danger
	case j.State == store.DeviceDone:
		return c.say("asked.verdict"), theme.Text
	case j.State == store.Held && len(station.Verdicts(*j)) > 0:
		return c.say("asked.destroy"), theme.Text
	case j.State == store.Held:
		return c.say("asked.held"), theme.Muted
	case j.State == store.Ready && c.why(j) != "":
		return c.say("asked.again", language.Args{"Reason": c.why(j)}), theme.Text
	}
	key := "nothing"
	switch j.State {
	case store.Ready:
		key = "print"
	case store.Intent, store.Created, store.Sending, store.Sent:
		key = "wait"
	case store.Confirmed:
		if key = "envelope"; j.Scanned {
			key = "accept"
		}
	}
	return c.say("asked." + key), theme.Muted
}

// aboutKey names the sentence about a letter that nothing is wrong with.
func aboutKey(j *station.Job) string {
	switch j.State {
	case store.Ready:
		return "about.ready"
	case store.Intent, store.Created, store.Sending, store.Sent:
		return "about.printing"
	case store.DeviceDone:
		return "about.done"
	case store.Confirmed:
		if j.Scanned {
			return "about.accepted"
		}
		return "about.confirmed"
	case store.Enveloped:
		return "about.enveloped"
	}
	return ""
}

// holdTexts are why a letter is held or uncertain. A reason that a person gave
// reads as such.
func (c *Context) holdTexts(j *station.Job) (what, body string) {
	if key := "reason." + string(j.Hold); c.Texts().Has(key) {
		return c.say(key), ""
	}
	return c.faultTexts(j.Hold)
}

// whyTexts are why a letter is where it is: held, uncertain, or printed again.
func (c *Context) whyTexts(j *station.Job) (what, body string) {
	what, body = c.holdTexts(j)
	if j.Reprint != "" {
		what = c.say("asked.again", language.Args{"Reason": what})
	}
	return what, body
}

// takenBack says why the sheets of a letter must be destroyed.
func (c *Context) takenBack(j *station.Job) string {
	if j.Order != "" {
		return c.say("about." + string(j.Order) + ".what")
	}
	what, _ := c.holdTexts(j)
	return what
}

// printerMood is how a printer's chip looks.
func printerMood(l station.Lamp) widgets.Mood {
	switch l {
	case station.LampOK:
		return widgets.Good("circle-check")
	case station.LampBusy:
		return widgets.Busy("loader-circle")
	case station.LampBad:
		return widgets.Danger("octagon-alert")
	default:
		return widgets.Calm("circle")
	}
}

// media writes PWG 5101.1 names of paper as people know them: "A4, C5".
func media(names []string) string {
	var short []string
	for _, n := range names {
		parts := strings.Split(n, "_")
		if len(parts) < 2 {
			continue
		}
		if s := strings.ToUpper(parts[1]); !slices.Contains(short, s) {
			short = append(short, s)
		}
	}
	return strings.Join(short, ", ")
}
