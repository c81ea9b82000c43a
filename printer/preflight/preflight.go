// Package preflight finds what is wrong, or may be wrong, with a letter on
// paper: from its pages as the renderer drew them and from what was paid. It
// looks at pixels and counts, never at the document itself.
package preflight

// Code names a finding. The sentences are translations.
type Code string

// The findings.
const (
	// Errors: the letter is held.
	PageCount Code = "page_count" // not the pages that were paid for
	Address   Code = "address"    // the post would refuse the address block
	// Warnings: the operator looks.
	Margin    Code = "margin"    // ink where printers can't print, within 4 mm of the edge
	Size      Code = "size"      // a page is not A4: it gets a margin or loses its edge
	Landscape Code = "landscape" // a page lies on its side
	Blank     Code = "blank"     // a page has no ink at all
	GreyLost  Code = "colour"    // a page has colour, the letter was paid in black and white
	Form      Code = "form"      // filled form fields or annotations are printed as they look
)

// Codes lists every finding, for whoever must have a sentence for each.
func Codes() []Code {
	return []Code{PageCount, Address, Margin, Size, Landscape, Blank, GreyLost, Form}
}
