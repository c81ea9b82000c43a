// Package preflight finds what is wrong, or may be wrong, with a letter on
// paper: from its pages as the renderer drew them and from what was paid. It
// looks at pixels and counts, never at the document itself.
package preflight

import "slices"

// Code names a finding. The sentences are translations: preflight.<code>.
type Code string

// The findings.
const (
	// Errors: the letter is held.
	PageCount Code = "page_count" // not the pages that were paid for
	Address   Code = "address"    // the post would refuse the address block
	// Warnings: the operator looks.
	Size       Code = "size"       // a page is not A4: it gets a margin or loses its edge
	Landscape  Code = "landscape"  // a page lies on its side: its right part is lost
	Margin     Code = "margin"     // ink where printers can't print, within 4 mm of the edge
	Blank      Code = "blank"      // a page has no ink at all
	GreyLost   Code = "colour"     // a page has colour, the letter was paid in black and white
	Form       Code = "form"       // filled form fields or annotations are printed as they look
	XFA        Code = "xfa"        // a form of the XFA kind: the customer's viewer may show another one
	Attachment Code = "attachment" // embedded files are not printed
	Repaired   Code = "repaired"   // the file was damaged, and its structure was guessed
	Window     Code = "window"     // the address sticks out of the envelope's window, or does not show in it
)

// Codes lists every finding, errors first, for whoever must have a sentence for
// each.
func Codes() []Code {
	return []Code{PageCount, Address, Size, Landscape, Margin, Blank, GreyLost, Form, XFA, Attachment, Repaired, Window}
}

// Error tells the findings that hold a letter from those somebody should look at.
func (c Code) Error() bool { return c == PageCount || c == Address }

// Merge is what two looks at one letter found, in the order of Codes. A letter
// does not change, so what one look saw stays, whatever the other looked at.
// The result is never nil: a letter without findings was looked at too.
func Merge(a, b []Code) []Code {
	all := []Code{}
	for _, c := range Codes() {
		if slices.Contains(a, c) || slices.Contains(b, c) {
			all = append(all, c)
		}
	}
	return all
}

// A Finding is a code and where it was found.
type Finding struct {
	Code  Code
	Pages []int // the letter's own, from 1, ascending; empty where it is about the whole
}
