package widgets

// mostBody is how high a table's body is at most: the toolkit's coordinates
// have 24 bits, and half a pixel must still be one.
const mostBody = 1 << 21

// reach brings the rows of any number into a body of bounded height. Positions
// go from 0 to the last at which the view still fits. Near both ends a pixel of
// the body is a pixel of the rows, so that a wheel gets there; between them the
// body is as much shorter as it has to be.
type reach struct {
	rows float64 // the last position among the rows
	body float64 // the last position in the body
	edge float64 // up to here from either end a pixel is a pixel
}

func newReach(rows, view float64) reach {
	r := reach{rows: max(0, rows-view), edge: 4 * view}
	r.body = min(r.rows, mostBody)
	return r
}

// exact tells whether the body is as high as the rows are.
func (r reach) exact() bool { return r.rows == r.body }

func (r reach) scale() float64 { return (r.body - 2*r.edge) / (r.rows - 2*r.edge) }

// inBody is where the body stands when the rows stand at top.
func (r reach) inBody(top float64) float64 {
	switch {
	case r.exact() || top <= r.edge:
		return top
	case top >= r.rows-r.edge:
		return r.body - (r.rows - top)
	default:
		return r.edge + (top-r.edge)*r.scale()
	}
}

// inRows is the way back.
func (r reach) inRows(at float64) float64 {
	switch {
	case r.exact() || at <= r.edge:
		return at
	case at >= r.body-r.edge:
		return r.rows - (r.body - at)
	default:
		return r.edge + (at-r.edge)/r.scale()
	}
}

// moved is where the rows stand after the body went from one place to another:
// a small step, a wheel's, is one among the rows; a leap of the scroll bar goes
// to the part that it points at.
func (r reach) moved(top, from, to, view float64) float64 {
	if step := to - from; !r.exact() && step > -view && step < view {
		return min(max(0, top+step), r.rows)
	}
	return min(max(0, r.inRows(to)), r.rows)
}

// reach is that of the rows as they are now.
func (t *Table) reach() reach {
	return newReach(float64(t.Rows())*float64(t.rowHeight()), float64(t.scroll.Size().Height))
}

// goTo puts the rows at a position, in the body too.
func (t *Table) goTo(top float64) {
	r := t.reach()
	t.top = min(max(0, top), r.rows)
	t.at = float32(r.inBody(t.top))
	t.scroll.Offset.Y = t.at
}

// scrolled follows the body.
func (t *Table) scrolled() {
	t.kit.touch()
	r := t.reach()
	t.goTo(r.moved(t.top, float64(t.at), float64(t.scroll.Offset.Y), float64(t.scroll.Size().Height)))
	t.body.show(false)
}
