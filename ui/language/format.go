package language

import (
	"strconv"
	"strings"
	"time"
)

// Number writes a whole number with the group mark of the language: a narrow
// no-break space in French, a dot in Dutch and German, a comma in English.
func (t *Texts) Number(n int) string {
	digits := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, digits = "−", digits[1:]
	}
	if len(digits) < 4 {
		return sign + digits
	}
	mark := t.Say("number.group")
	var b strings.Builder
	b.WriteString(sign)
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return b.String()
}

// Clock writes the time of day, 24 hours, in at's own zone.
func (t *Texts) Clock(at time.Time) string { return at.Format("15:04") }

// Day writes a day without its year.
func (t *Texts) Day(at time.Time) string {
	return t.Say("date.day", Args{
		"Day":   strconv.Itoa(at.Day()),
		"Month": t.Say("date.month." + strconv.Itoa(int(at.Month()))),
	})
}

// Moment writes a time of day as now's clock shows it, with its day in front
// when that is not now's; a dash for the zero time.
func (t *Texts) Moment(at, now time.Time) string {
	if at.IsZero() {
		return "–"
	}
	at = at.In(now.Location()) // times that were kept or sent are in UTC
	y, m, d := at.Date()
	if ny, nm, nd := now.Date(); y == ny && m == nm && d == nd {
		return t.Clock(at)
	}
	return t.Day(at) + " " + t.Clock(at)
}

// Brief writes the time of day for a moment of now's day or of the twelve hours
// to come, the day alone for any other.
func (t *Texts) Brief(at, now time.Time) string {
	if s := t.Moment(at, now); len(s) <= len("15:04") {
		return s
	}
	at = at.In(now.Location())
	if left := at.Sub(now); !at.IsZero() && left > 0 && left < 12*time.Hour {
		return t.Clock(at)
	}
	return t.Day(at)
}

// Left writes how long is left, to the minute, never more than there is; a
// time that is over reads as passed.
func (t *Texts) Left(d time.Duration) string {
	switch minutes := int(d / time.Minute); {
	case d <= 0:
		return t.Say("left.over")
	case minutes < 1:
		return t.Say("left.soon")
	case minutes < 60:
		return t.Say("left.minutes", Args{"Minutes": minutes})
	case minutes < 48*60:
		return t.Say("left.hours", Args{"Hours": minutes / 60, "Minutes": minutes % 60})
	default:
		return t.Say("left.days", Args{"Count": minutes / (24 * 60)})
	}
}

// Wait writes how long something takes from now on, rounded up: "42 s",
// "3 min", "2 h 5 min".
func (t *Texts) Wait(d time.Duration) string {
	seconds := int((d + time.Second - 1) / time.Second)
	switch {
	case seconds < 60:
		return t.Say("wait.seconds", Args{"Seconds": max(seconds, 1)})
	case seconds < 3600:
		return t.Say("wait.minutes", Args{"Minutes": (seconds + 59) / 60})
	default:
		return t.Say("wait.hours", Args{"Hours": seconds / 3600, "Minutes": seconds % 3600 / 60})
	}
}
