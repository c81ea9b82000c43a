package report

import (
	"strconv"
)

// hue is a colour of one person's part of the bars: Okabe and Ito's, which stay
// apart for the usual kinds of colour blindness. Who comes after them is grey.
func hue(i int, person string) (r, g, b int) {
	hues := [][3]int{{0, 114, 178}, {230, 159, 0}, {0, 158, 115}, {204, 121, 167}, {86, 180, 233}, {213, 94, 0}}
	if person == "" || i >= len(hues) {
		return 140, 150, 160
	}
	return hues[i][0], hues[i][1], hues[i][2]
}

const (
	pictureHeight = 38.0
	axisWidth     = 10.0
)

// picture draws the bars with their axes and names, and tells where it ends.
func (s *sheet) picture(y float64) float64 {
	p := PictureOf(s.c.Hours, s.c.Filter.From, s.c.Filter.To, s.c.Zone)
	s.say("B", 10, 0, margin, y, s.c.Words("report."+string(p.Unit)))
	s.sayRight("", 8.5, 110, pageWidth-margin, y, strconv.FormatInt(p.Total, 10)+" "+s.c.Words("report.accesses")+
		" · "+strconv.FormatInt(s.findings(), 10)+" "+s.c.Words("report.findings"))
	y += 5
	if len(p.Bars) == 0 {
		return y
	}
	steps := Steps(max(p.Max, 1), 4)
	top := float64(steps[len(steps)-1])
	left, width := margin+axisWidth, inner-axisWidth
	height := func(n int64) float64 { return float64(n) / top * pictureHeight }
	for _, v := range steps {
		at := y + pictureHeight - height(v)
		s.SetDrawColor(225, 230, 234)
		s.SetLineWidth(0.15)
		s.Line(left, at, left+width, at)
		s.sayRight("", 7, 110, left-2, at+1, strconv.FormatInt(v, 10))
	}
	step := width / float64(len(p.Bars))
	gap := min(step*0.2, 0.8)
	for i, bar := range p.Bars {
		at := y + pictureHeight
		for k, n := range bar.Counts {
			if n == 0 {
				continue
			}
			s.SetFillColor(hue(k, p.People[k]))
			at -= height(n)
			s.Rect(left+float64(i)*step+gap/2, at, step-gap, height(n), "F")
		}
	}
	s.ticks(p, left, step, y+pictureHeight+4)
	return s.legend(p, y+pictureHeight+9.5)
}

func (s *sheet) findings() (n int64) {
	for _, h := range s.c.Hours {
		n += h.Unusual
	}
	return n
}

// ticks names every so many bars that the names stay apart.
func (s *sheet) ticks(p Picture, left, step, y float64) {
	form := map[Unit]string{PerHour: "15:04", PerDay: "01-02", PerMonth: "2006-01"}[p.Unit]
	if p.Unit == PerHour && len(p.Bars) > 30 {
		form = "01-02 15h"
	}
	every := max(1, int(20/step))
	if p.Unit == PerHour {
		for _, nice := range []int{1, 2, 3, 4, 6, 12, 24, 48} {
			if float64(nice)*step >= 16 {
				every = nice
				break
			}
		}
	}
	for i := range p.Bars {
		at := p.Bars[i].Start
		if p.Unit == PerHour && at.Hour()%min(every, 24) != 0 || p.Unit != PerHour && i%every != 0 {
			continue
		}
		s.say("", 7, 110, left+float64(i)*step, y, at.Format(form))
	}
}

// legend names the colours.
func (s *sheet) legend(p Picture, y float64) float64 {
	x := margin + axisWidth
	for i, name := range p.People {
		text := s.person(name, s.c.Words("report.station"))
		s.SetFont("plex", "", 8)
		w := s.GetStringWidth(text) + 10
		if x+w > pageWidth-margin {
			x, y = margin+axisWidth, y+5
		}
		s.SetFillColor(hue(i, name))
		s.Rect(x, y-2.4, 2.6, 2.6, "F")
		s.say("", 8, 40, x+4, y, text)
		x += w
	}
	return y
}
