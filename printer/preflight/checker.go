package preflight

import (
	"math"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/render"
)

// Measures, in millimetres unless they say otherwise.
const (
	paperWidth  = 210.0 // ISO 216 A4, the only paper sold
	paperHeight = 297.0
	edge        = 4.0  // what most printers leave white; PWG 5100.3's usual hardware margin is 4.23
	slack       = 1.5  // a page this near to A4 is one
	speck       = 0.25 // square millimetres of ink that nobody sees
	maxPages    = 1000 // named by one finding
)

// Terms are what a letter was paid for and is sent in.
type Terms struct {
	Pages    int              // paid pages; 0 where nobody knows
	Colour   bool             // paid in colour
	Envelope *postal.Envelope // nil: there is no carrier page
}

// Checker gathers findings on one letter: pages in any order, each once, and
// what the renderer reported of the document. It keeps no pixel. It is not safe
// for concurrent use.
type Checker struct {
	terms Terms
	found map[Code][]int
}

// New starts the check of a letter.
func New(t Terms) *Checker { return &Checker{terms: t, found: map[Code][]int{}} }

// Document takes what the renderer reported, of all pages or some.
func (c *Checker) Document(r render.Report) {
	if c.terms.Pages != 0 && r.Pages != c.terms.Pages {
		c.add(PageCount)
	}
	for i, s := range r.Sizes {
		w, h := millimetres(s.Width), millimetres(s.Height)
		if w > h+slack {
			c.add(Landscape, i+1)
			w, h = h, w
		}
		if math.Abs(w-paperWidth) > slack || math.Abs(h-paperHeight) > slack {
			c.add(Size, i+1)
		}
	}
	for code, yes := range map[Code]bool{
		Form: r.Annotations+r.Widgets > 0, XFA: r.XFA, Attachment: r.Attachments, Repaired: r.Repaired,
	} {
		if yes {
			c.add(code)
		}
	}
}

// Add takes what others found of the whole letter.
func (c *Checker) Add(code Code) { c.add(code) }

// Page looks at one of the letter's own pages, at dpi dots an inch.
func (c *Checker) Page(p render.Page, dpi int) {
	r := newRaster(p, dpi)
	all, border := r.ink()
	if !r.seen(all) {
		c.add(Blank, p.Index+1)
	}
	if r.seen(border) {
		c.add(Margin, p.Index+1)
	}
	c.colour(r, p.Index+1)
}

// Colours looks at a page for its colours alone: of a letter paid in black and
// white, whose pages are drawn so, it is drawn small and in colour as well.
func (c *Checker) Colours(p render.Page, dpi int) { c.colour(newRaster(p, dpi), p.Index+1) }

func (c *Checker) colour(r raster, page int) {
	if !c.terms.Colour && r.coloured() {
		c.add(GreyLost, page)
	}
}

// Carrier looks at the page with the address: around what the window always
// shows there must be nothing that it can show, and inside there must be
// something.
func (c *Checker) Carrier(p render.Page, dpi int) {
	if c.terms.Envelope == nil {
		return
	}
	r := newRaster(p, dpi)
	inside := r.within(c.terms.Envelope.AlwaysSeen())
	if ever := r.within(c.terms.Envelope.EverSeen()); ever != inside || !r.seen(inside) {
		c.add(Window)
	}
}

func (c *Checker) add(code Code, pages ...int) {
	if have := c.found[code]; len(have) < maxPages {
		c.found[code] = append(have, pages...)
	}
}

// Findings are those so far, in the order of Codes.
func (c *Checker) Findings() []Finding {
	var all []Finding
	for _, code := range Codes() {
		if pages, ok := c.found[code]; ok {
			pages = slices.Clone(pages)
			slices.Sort(pages)
			all = append(all, Finding{Code: code, Pages: slices.Compact(pages)})
		}
	}
	return all
}

// Codes are the codes of Findings, never nil.
func (c *Checker) Codes() []Code {
	all := []Code{}
	for _, f := range c.Findings() {
		all = append(all, f.Code)
	}
	return all
}

// millimetres is a length in points.
func millimetres(points float64) float64 { return points * 25.4 / 72 }
