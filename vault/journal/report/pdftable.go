package report

import (
	"strings"

	"espero-soft.com/printroom/vault/journal"
)

const nextTable = 24.0 // where the table begins on the later pages

// column is a column of the table, in millimetres, and the size of its letters
// in points: a UUID and two rules have room.
type column struct {
	key         string
	width, size float64
}

func columns() []column {
	return []column{
		{"report.time", 29, 7.5}, {"report.person", 15, 7.5}, {"report.action", 29, 7.5},
		{"report.object", 49, 6.5}, {"report.outcome", 18, 7.2}, {"report.unusual", 38, 7},
	}
}

// pages counts the pages that the rows take, the first table beginning at y.
func pages(rows int, y float64) int {
	n := 1
	for room := capacity(y); rows > room; room = capacity(nextTable) {
		rows -= room
		n++
	}
	return n
}

// capacity is how many rows a table has room for that begins at y.
func capacity(y float64) int { return max(1, int((tableEnd-y)/rowHeight)) }

// table draws the rows and tells where the last of them ends.
func (s *sheet) table(rows []journal.Row, y float64) float64 {
	s.titles(y)
	left := capacity(y)
	for _, r := range rows {
		if left == 0 {
			s.AddPage()
			s.page++
			s.footer()
			s.say("B", 9, 110, margin, 15, s.c.Words("report.title"))
			y, left = nextTable, capacity(nextTable)
			s.titles(y)
		}
		s.row(r, y)
		y += rowHeight
		left--
	}
	return y
}

func (s *sheet) titles(y float64) {
	x := margin
	for _, c := range columns() {
		s.SetFont("plex", "B", 7.5)
		s.say("B", 7.5, 110, x, y-1.8, s.fit(s.c.Words(c.key), c.width-2))
		x += c.width
	}
	s.SetDrawColor(138, 151, 163)
	s.SetLineWidth(0.2)
	s.Line(margin, y, pageWidth-margin, y)
}

func (s *sheet) row(r journal.Row, y float64) {
	texts, x := s.texts(r), margin
	for i, c := range columns() {
		style := ""
		if i == 5 && r.Conclusion == nil {
			style = "B"
		}
		s.SetFont("plex", style, c.size)
		s.say(style, c.size, 20, x, y+3.8, s.fit(texts[i], c.width-1))
		x += c.width
	}
	s.SetDrawColor(225, 230, 234)
	s.SetLineWidth(0.12)
	s.Line(margin, y+rowHeight, pageWidth-margin, y+rowHeight)
}

func (s *sheet) texts(r journal.Row) [6]string {
	w := s.c.Words
	if r.Damaged {
		return [6]string{"", "", "", journal.EntryObject(r.Sequence), w("report.damaged"), ""}
	}
	outcome := w("report.open")
	if r.Outcome != "" {
		outcome = w("outcome." + string(r.Outcome))
	}
	var rules []string
	for _, rule := range r.Rules {
		rules = append(rules, w("rule."+string(rule)))
	}
	if r.Conclusion != nil {
		rules = []string{w("report.concluded"), w("conclusion." + r.Conclusion.Reason)}
	}
	action := w("action." + string(r.Action))
	if r.Pages != "" {
		action += ", " + w("report.pages") + " " + r.Pages
	}
	return [6]string{
		s.moment(r.Time, ""), or(r.Actor, w("report.station")), action,
		or(r.Object, r.Attempt), outcome, strings.Join(rules, ", "),
	}
}
