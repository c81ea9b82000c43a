package letter

import "strconv"

// rulers draws millimetres inward from each edge of the paper and along it: what
// is missing at 0 is what the printer can't reach, and what has moved has moved
// by as much.
func (s sheet) rulers() {
	s.grey(0)
	s.SetLineWidth(0.1)
	s.font(regular, 5)
	for mm := range int(pageWidth) + 1 {
		x, length := float64(mm), tick(mm)
		s.Line(x, 0, x, length)
		s.Line(x, pageHeight-length, x, pageHeight)
		if mm%10 == 0 && mm > 0 && mm < int(pageWidth)-10 {
			number := strconv.Itoa(mm)
			s.Text(x+0.4, 7.2, number)
			s.Text(x+0.4, pageHeight-6, number)
		}
	}
	for mm := range int(pageHeight) + 1 {
		y, length := float64(mm), tick(mm)
		mark := MarkZone() // a reader wants white around it
		free := y < mark.Y || y > mark.Bottom()
		if free {
			s.Line(0, y, length, y)
		}
		s.Line(pageWidth-length, y, pageWidth, y)
		if mm%10 == 0 && mm > 10 && mm < int(pageHeight)-10 {
			number := strconv.Itoa(mm)
			s.textRight(pageWidth-7.4, y+0.6, number)
			if free {
				s.Text(7.4, y+0.6, number)
			}
		}
	}
}

// tick is how long a millimetre's line is.
func tick(mm int) float64 {
	switch {
	case mm%10 == 0:
		return 7
	case mm%5 == 0:
		return 5.5
	}
	return 4
}

// crosses lie at the same four places of both sides: held against the light
// they tell how far front and back are apart.
func (s sheet) crosses() {
	s.grey(0)
	s.SetLineWidth(0.15)
	for _, x := range []float64{14, pageWidth - 14} {
		for _, y := range []float64{14, 262} {
			s.Line(x-4, y, x+4, y)
			s.Line(x, y-4, x, y+4)
			s.Circle(x, y, 2, "D")
		}
	}
}
