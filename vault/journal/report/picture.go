package report

import (
	"slices"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// Unit is the time that one bar of a picture stands for.
type Unit string

// The units; a picture takes the finest that leaves its bars apart.
const (
	PerHour  Unit = "hour"
	PerDay   Unit = "day"
	PerMonth Unit = "month"
)

// The longest times that are drawn by the hour and by the day.
const (
	HoursUpTo = 8 * 24 * time.Hour
	daysUpTo  = 190 * 24 * time.Hour
	maxBars   = 600
)

// Picture is the accesses over time as bars, one after the other without a
// gap in time, each divided by person.
type Picture struct {
	Unit   Unit
	People []string // pseudonyms by name, "" (the station itself) last
	Bars   []Bar
	Max    int64 // the highest bar's count
	Total  int64
}

// Bar is one of them.
type Bar struct {
	Start  time.Time // in the picture's zone
	Counts []int64   // by place in People
	Total  int64
}

// PictureOf draws the hours between two times; a zero time is where the hours
// begin or end. Without any hours and times it has no bars.
func PictureOf(hours []journal.Hour, from, to time.Time, zone *time.Location) Picture {
	if len(hours) > 0 {
		if from.IsZero() {
			from = hours[0].Start
		}
		if to.IsZero() {
			to = hours[len(hours)-1].Start.Add(time.Hour) // in its day too
		}
	}
	if from.IsZero() || to.IsZero() || !from.Before(to) {
		return Picture{Unit: PerHour}
	}
	days := slices.ContainsFunc(hours, func(h journal.Hour) bool { return h.Day })
	p := Picture{Unit: unitOf(to.Sub(from), days), People: people(hours)}
	p.rule(from.In(zone), to.In(zone))
	places := make(map[string]int, len(p.People))
	for i, name := range p.People {
		places[name] = i
	}
	for _, h := range hours {
		p.add(h, places[h.Actor], zone)
	}
	return p
}

// unitOf is the finest unit for a time, of which some counts are whole days'.
func unitOf(d time.Duration, days bool) Unit {
	switch {
	case d <= HoursUpTo && !days:
		return PerHour
	case d <= daysUpTo:
		return PerDay
	default:
		return PerMonth
	}
}

func people(hours []journal.Hour) []string {
	var out []string
	station := false
	for _, h := range hours {
		if station = station || h.Actor == ""; h.Actor != "" && !slices.Contains(out, h.Actor) {
			out = append(out, h.Actor)
		}
	}
	slices.Sort(out)
	if station {
		out = append(out, "")
	}
	return out
}

// rule makes the empty bars.
func (p *Picture) rule(from, to time.Time) {
	for at := p.floor(from); at.Before(to) && len(p.Bars) < maxBars; at = p.next(at) {
		p.Bars = append(p.Bars, Bar{Start: at, Counts: make([]int64, len(p.People))})
	}
}

// floor is the beginning of the bar that a time belongs to.
func (p *Picture) floor(at time.Time) time.Time {
	y, m, d := at.Date()
	switch p.Unit {
	case PerMonth:
		return time.Date(y, m, 1, 0, 0, 0, 0, at.Location())
	case PerDay:
		return time.Date(y, m, d, 0, 0, 0, 0, at.Location())
	default:
		return at.Add(-time.Duration(at.Minute())*time.Minute - time.Duration(at.Second())*time.Second - time.Duration(at.Nanosecond()))
	}
}

// next is where the bar after the one of that start begins.
func (p *Picture) next(at time.Time) time.Time {
	y, m, d := at.Date()
	switch p.Unit {
	case PerMonth:
		return time.Date(y, m+1, 1, 0, 0, 0, 0, at.Location())
	case PerDay:
		return time.Date(y, m, d+1, 0, 0, 0, 0, at.Location())
	default:
		return at.Add(time.Hour)
	}
}

// End is where the bar of that place ends.
func (p *Picture) End(i int) time.Time { return p.next(p.Bars[i].Start) }

func (p *Picture) add(h journal.Hour, person int, zone *time.Location) {
	at := h.Start.In(zone)
	i, exact := slices.BinarySearchFunc(p.Bars, at, func(b Bar, t time.Time) int { return b.Start.Compare(t) })
	if !exact {
		i--
	}
	if i < 0 {
		i = 0 // an hour that a bound cuts in a zone of half hours
	}
	if len(p.Bars) == 0 {
		return
	}
	b := &p.Bars[i]
	b.Counts[person] += h.Accesses
	b.Total += h.Accesses
	p.Max, p.Total = max(p.Max, b.Total), p.Total+h.Accesses
}

// Steps gives the values of an axis up to a maximum: at most most+1 round
// numbers from 0, the last one not below the maximum.
func Steps(maximum int64, most int) []int64 {
	step := int64(1)
	for grow := 0; step*int64(most) < maximum; grow++ {
		step = step * [...]int64{2, 5, 2}[grow%3] / [...]int64{1, 2, 1}[grow%3]
	}
	steps := []int64{0}
	for v := step; ; v += step {
		if steps = append(steps, v); v >= maximum {
			return steps
		}
	}
}
