package virtual

import "time"

// Fault is what a Proxy does to requests. Exactly one of its actions is set.
type Fault struct {
	// Operation is the IPP operation it strikes, as 0x0006 for Send-Document;
	// 0 strikes all.
	Operation uint16
	// Times is how often it strikes before it is gone; 0 is without end.
	Times int

	// CutAfter breaks both connections once the printer has so many bytes of
	// the request's body; less than one is not set.
	CutAfter int64
	// StallAfter takes no more of the body after so many bytes; both
	// connections stay open until the fault is changed.
	StallAfter int64
	// DropAnswer lets the printer have everything and answer, and breaks the
	// client's connection instead of passing the answer on.
	DropAnswer bool
	// Delay keeps the printer's answer back.
	Delay time.Duration
	// Status is answered instead of asking the printer, as 503.
	Status int
	// Answer is the body of an IPP answer given instead of asking the
	// printer: garbage.
	Answer []byte
	// Flood is how many bytes of well-formed attributes to answer instead of
	// asking the printer.
	Flood int64
}

// floodAttribute is one attribute of a flood: integer "a", 1.
var floodAttribute = [...]byte{0x21, 0, 1, 'a', 0, 4, 0, 0, 0, 1}
