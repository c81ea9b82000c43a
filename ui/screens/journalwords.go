package screens

import (
	"strings"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
)

// journalPerson is a person's name; the station itself has a word, and who is
// not on the staff list any more has the pseudonym.
func (c *Context) journalPerson(name, pseudonym string) string {
	switch {
	case pseudonym == "" || pseudonym == journal.TheStation:
		return c.say("journal.station")
	case name == "":
		return pseudonym
	default:
		return name
	}
}

func (c *Context) journalAction(a journal.Action) string {
	if key := "journal.action." + string(a); c.Texts().Has(key) {
		return c.say(key)
	}
	return string(a) // of a later version
}

// journalDeed is what was done, and to which pages where the entry says so.
func (c *Context) journalDeed(r journal.Row) string {
	if r.Pages == "" {
		return c.journalAction(r.Action)
	}
	return c.journalAction(r.Action) + " · " + c.say("journal.pages.brief", language.Args{"Pages": c.journalPages(r.Pages)})
}

// journalPages is a range of pages as people write it.
func (c *Context) journalPages(pages string) string { return strings.ReplaceAll(pages, "-", "–") }

func (c *Context) journalOutcome(r journal.Row) string {
	if r.Open() {
		return c.say("journal.outcome.open")
	}
	if key := "journal.outcome." + string(r.Outcome); c.Texts().Has(key) {
		return c.say(key)
	}
	return string(r.Outcome)
}

// journalReason is an entry's reason code in words: a fault's, one of ours, or
// the code itself.
func (c *Context) journalReason(code string) string {
	for _, key := range []string{"journal.reason." + code, "fault." + code + ".what", "journal.conclusion." + code} {
		if c.Texts().Has(key) {
			return c.say(key)
		}
	}
	return strings.ReplaceAll(code, "_", " ")
}

func outcomeMood(r journal.Row) widgets.Mood {
	switch {
	case r.Open():
		return widgets.Warn("hourglass")
	case r.Outcome == journal.OutcomeFailed:
		return widgets.Danger("x")
	case r.Outcome == journal.OutcomeRefused:
		return widgets.Danger("ban")
	case r.Outcome == journal.OutcomeUncertain:
		return widgets.Warn("triangle-alert")
	case r.Outcome == journal.OutcomeDone:
		return widgets.Good("check")
	default:
		return widgets.Calm("undo-2")
	}
}

// journalFinding is why an access is unusual, in as few words as a table has
// room for; a concluded one is no alarm.
func (c *Context) journalFinding(r journal.Row) (string, widgets.Mood) {
	text := c.say("journal.rule." + string(r.Rules[0]))
	if n := len(r.Rules); n > 1 {
		text += " +" + c.Texts().Number(n-1)
	}
	if r.Conclusion != nil {
		return c.say("journal.concluded"), widgets.Calm("check")
	}
	return text, widgets.Warn("triangle-alert")
}

func (c *Context) conclusion(code string) string {
	if key := "journal.conclusion." + code; c.Texts().Has(key) {
		return c.say(key)
	}
	return code
}

// conclusions are the reasons in words, in the order of review.Reasons.
func (c *Context) conclusions() []string {
	var out []string
	for _, r := range review.Reasons() {
		out = append(out, c.conclusion(string(r)))
	}
	return out
}

// journalBrief is a moment of today to the second, of another day to the
// minute.
func (c *Context) journalBrief(at time.Time) string {
	at = at.In(c.Now().Location())
	if !midnight(at).Equal(midnight(c.Now())) {
		return c.journalMoment(at)
	}
	return at.Format("15:04:05")
}

// journalMoment is a moment to the minute, with its day when that is not today.
func (c *Context) journalMoment(at time.Time) string {
	at = at.In(c.Now().Location())
	if midnight(at).Equal(midnight(c.Now())) {
		return c.Texts().Clock(at)
	}
	return c.journalDay(at) + " " + c.Texts().Clock(at)
}

// letterText is the code on paper, or else the letter's id.
func letterText(r journal.Row) string {
	if r.Attempt != "" {
		return postal.AttemptCode(r.Attempt).Grouped()
	}
	return r.Object
}

// journalTime is a moment to the second, with its day when that is not today.
func (c *Context) journalTime(at time.Time) string {
	if at.IsZero() {
		return "–"
	}
	at = at.In(c.Now().Location())
	clock := at.Format("15:04:05")
	if !midnight(at).Equal(midnight(c.Now())) {
		return c.journalDay(at) + " " + clock
	}
	return clock
}
