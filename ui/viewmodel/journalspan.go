package viewmodel

import (
	"strconv"
	"strings"
	"time"
)

// Period is a time range that people have a word for.
type Period string

// The periods.
const (
	PeriodToday     Period = "today"
	PeriodYesterday Period = "yesterday"
	PeriodWeek      Period = "week"  // from Monday on
	PeriodMonth     Period = "month" // today and the 29 days before
	PeriodAll       Period = "all"
	PeriodSpan      Period = "span" // from one moment to another
)

// Periods lists the periods in the order in which they are offered.
func Periods() []Period {
	return []Period{PeriodToday, PeriodYesterday, PeriodWeek, PeriodMonth, PeriodAll, PeriodSpan}
}

// Times is a time range: a period, and for PeriodSpan from when to when.
type Times struct {
	Period   Period
	From, To time.Time // From ≤ t < To, zero for no bound
}

// bounds are the first moment of the times and the one after the last, zero for
// no bound.
func (s Times) bounds(now time.Time) (from, to time.Time) {
	switch day := dayOf(now); s.Period {
	case PeriodToday:
		return day, day.AddDate(0, 0, 1)
	case PeriodYesterday:
		return day.AddDate(0, 0, -1), day
	case PeriodWeek:
		monday := day.AddDate(0, 0, -int(day.Weekday()+6)%7)
		return monday, monday.AddDate(0, 0, 7)
	case PeriodMonth:
		return day.AddDate(0, 0, -29), day.AddDate(0, 0, 1)
	case PeriodSpan:
		return s.From, s.To
	default:
		return time.Time{}, time.Time{}
	}
}

// open tells whether the times go on until now.
func (s Times) open() bool {
	return s.Period != PeriodYesterday && s.Period != PeriodSpan
}

// dayOf is the first moment of a day.
func dayOf(at time.Time) time.Time {
	y, m, d := at.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, at.Location())
}

// between is the times from one moment to another, by its word where there is
// one.
func between(from, to, now time.Time) Times {
	for _, p := range []Period{PeriodToday, PeriodYesterday, PeriodWeek} {
		if f, t := (Times{Period: p}).bounds(now); f.Equal(from) && t.Equal(to) {
			return Times{Period: p}
		}
	}
	return Times{PeriodSpan, from, to}
}

// step is the times of the same length just before (−1) or after (1); false
// where there are none.
func (s Times) step(by int, now time.Time) (Times, bool) {
	from, to := s.bounds(now)
	if from.IsZero() || to.IsZero() || by > 0 && !to.Before(dayOf(now).AddDate(0, 0, 1)) {
		return s, false
	}
	switch days := daysBetween(from, to); {
	case days > 0 && from.Day() == 1 && to.Day() == 1: // whole months
		months := (to.Year()-from.Year())*12 + int(to.Month()-from.Month())
		from, to = from.AddDate(0, by*months, 0), to.AddDate(0, by*months, 0)
	case days > 0:
		from, to = from.AddDate(0, 0, by*days), to.AddDate(0, 0, by*days)
	default:
		length := to.Sub(from)
		from, to = from.Add(time.Duration(by)*length), to.Add(time.Duration(by)*length)
	}
	return between(from, to, now), true
}

// daysBetween is how many days there are between two midnights, 0 when one of
// them is none.
func daysBetween(from, to time.Time) int {
	if !from.Equal(dayOf(from)) || !to.Equal(dayOf(to)) {
		return 0
	}
	return int((to.Sub(from) + 12*time.Hour) / (24 * time.Hour)) // days of 23 and 25 hours too
}

// moment is a time that was typed, and the first one after what it means: the
// next day of a day, the next minute of a minute.
func moment(text string, now time.Time) (from, to time.Time, ok bool) {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 2 {
		return from, to, false
	}
	if from, ok = day(fields[0], now); !ok || len(fields) == 1 {
		return from, from.AddDate(0, 0, 1), ok
	}
	hour, minute, found := strings.Cut(strings.TrimSuffix(strings.ToLower(fields[1]), "h"), ":")
	if !found {
		hour, minute, found = strings.Cut(strings.ToLower(fields[1]), "h")
	}
	h, err := strconv.Atoi(hour)
	m, length := 0, time.Hour
	if err == nil && found && minute != "" {
		m, err = strconv.Atoi(minute)
		length = time.Minute
	}
	if err != nil || h < 0 || h > 23 || m < 0 || m > 59 {
		return from, to, false
	}
	from = time.Date(from.Year(), from.Month(), from.Day(), h, m, 0, 0, from.Location())
	return from, from.Add(length), true
}

// day is a day that was typed: 22.11.2026, 22/11/26, 22-11 or 2026-11-22. Without
// a year it is the last one there was.
func day(text string, now time.Time) (time.Time, bool) {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == '/' || r == '-' })
	var n [3]int
	if len(parts) < 2 || len(parts) > 3 {
		return time.Time{}, false
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 1 {
			return time.Time{}, false
		}
		n[i] = v
	}
	d, m, y := n[0], n[1], n[2]
	if len(parts[0]) == 4 {
		y, d = n[0], n[2]
	}
	switch {
	case y == 0:
		if y = now.Year(); dayOf(now).Before(time.Date(y, time.Month(m), d, 0, 0, 0, 0, now.Location())) {
			y--
		}
	case y < 100:
		y += 2000
	}
	at := time.Date(y, time.Month(m), d, 0, 0, 0, 0, now.Location())
	return at, at.Year() == y && int(at.Month()) == m && at.Day() == d && y < 10_000
}

// SpanFault is why two typed times are none, "" when they are.
type SpanFault string

// What can be wrong with them.
const (
	SpanFrom  SpanFault = "from"  // the first is no time
	SpanTo    SpanFault = "to"    // the second is no time
	SpanOrder SpanFault = "order" // the second is before the first
)

// TypeTimes selects from one typed time to another, both included: the day, hour
// or minute that the first one is when there is no second, all up to the second
// when there is no first.
func (j *Journal) TypeTimes(from, to string) {
	now := j.now()
	from, to = strings.TrimSpace(from), strings.TrimSpace(to)
	start, end, first := moment(from, now)
	_, last, second := moment(to, now)
	j.SpanFault = ""
	switch {
	case from == "" && to == "", from != "" && !first:
		j.SpanFault = SpanFrom
	case to != "" && !second:
		j.SpanFault = SpanTo
	case from == "":
		start, end = time.Time{}, last
	case to != "":
		end = last
	}
	if j.SpanFault == "" && !start.Before(end) {
		j.SpanFault = SpanOrder
	}
	if j.SpanFault != "" {
		j.Changed()
		return
	}
	j.SetTimes(Times{PeriodSpan, start, end})
}
