package screens

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// findings is the cell of what a look at the letter found: nothing before the
// first look, a dash when there was nothing to be found.
func (c *Context) findings(j *station.Job) widgets.Cell {
	switch {
	case j.Findings == nil:
		return widgets.Cell{}
	case len(j.Findings) == 0:
		return widgets.Cell{Text: "–", Tone: theme.Muted}
	}
	mood := findingsMood(j.Findings)
	return widgets.Cell{Text: strconv.Itoa(len(j.Findings)), Chip: &mood}
}

func findingsMood(found []preflight.Code) widgets.Mood {
	if slices.ContainsFunc(found, preflight.Code.Error) {
		return widgets.Danger("octagon-alert")
	}
	return widgets.Warn("triangle-alert")
}

// sentences says each finding on a line of its own.
func (c *Context) sentences(found []preflight.Code) string {
	lines := make([]string, len(found))
	for i, code := range found {
		lines[i] = "• " + c.say("preflight."+string(code))
	}
	return strings.Join(lines, "\n")
}

// found shows the findings of a letter, or hides the notice when there are
// none. What the letter is held for is said by its hold.
func (c *Context) found(n *widgets.Notice, j *station.Job) {
	var found []preflight.Code
	if j != nil {
		held := func(code preflight.Code) bool { return string(code) == string(j.Hold) }
		found = slices.DeleteFunc(slices.Clone(j.Findings), held)
	}
	switch len(found) {
	case 0:
		n.Hide()
	case 1:
		n.Set(findingsMood(found), c.say("preflight."+string(found[0])), "", "", widgets.NoticeWords{})
	default:
		n.Set(findingsMood(found), c.say("letter.findings", language.Args{"Count": len(found)}),
			c.sentences(found), "", widgets.NoticeWords{})
	}
}

// urgency is the tone of a letter's cut-off: a warning in the last half hour,
// danger once it has passed, quiet when the letter is ready for the post.
func (c *Context) urgency(j *station.Job) theme.Colour {
	switch left := j.CutOff.Sub(c.Now()); {
	case j.State == store.Enveloped || j.State == store.Dropped:
		return theme.Muted
	case left <= 0:
		return theme.Danger
	case left <= 30*time.Minute:
		return theme.Warn
	}
	return theme.Text
}
