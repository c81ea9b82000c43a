package station

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/printer/ipp"
)

// printerRepinned is the reason of a configure entry in the journal.
const printerRepinned = "printer_repinned"

// PrinterRenewal is what a printer that was set up shows now, beside what an
// admin accepted of it. That it is the same printer is for the admin to see: on
// its panel, whose fingerprint must be that of Now.
type PrinterRenewal struct {
	ID   string
	Name string
	Old  [32]byte     // Pin that holds: SHA-256 of the certificate's public key
	Now  PrinterProbe // what its address shows; Now.Pin is for RepinPrinter
	// Known says that the device gives the id that it gave before. One that
	// gives another is refused; where none is known this is false.
	Known bool
}

// ProbeRepin reads the certificate that a printer shows now, whatever is
// accepted of it. Nothing is trusted by it. It is for admins.
func (s *Station) ProbeRepin(ctx context.Context, id string) (PrinterRenewal, error) {
	if _, err := s.only(ctx, id, "admin"); err != nil {
		return PrinterRenewal{}, err
	}
	p, err := s.repinnable(id)
	if err != nil {
		return PrinterRenewal{}, err
	}
	seen, err := ipp.Identify(ctx, p.setup.URI, probeTime)
	if err != nil {
		return PrinterRenewal{}, fault(err)
	}
	next, known, err := s.renewed(ctx, p, seen.Pin)
	if err != nil {
		return PrinterRenewal{}, err
	}
	return PrinterRenewal{
		ID: id, Name: p.setup.Name, Old: p.setup.Pin, Known: known,
		Now: PrinterProbe{
			URI: p.setup.URI, Pin: seen.Pin, Fingerprint: seen.Fingerprint, Subject: seen.Subject, Until: seen.NotAfter,
			Model: next.can.MakeAndModel, UUID: next.can.UUID, Can: *next.can,
		},
	}, nil
}

// RepinPrinter accepts the certificate that an admin has compared in the place
// of the one that holds. The printer must show it now, at the address that it
// has, and must not say that it is another device. Letters that are on their way
// to it stay so: it is asked for them again. Not while something is printed. It
// is for admins.
func (s *Station) RepinPrinter(ctx context.Context, id string, newPin [32]byte) error {
	if _, err := s.only(ctx, id, "admin"); err != nil {
		return err
	}
	p, err := s.repinnable(id)
	if err != nil {
		return err
	}
	idle := false
	s.change(func() {
		if idle = s.busy == nil; idle {
			s.busy = p
		}
	})
	if !idle {
		return &Fault{Code: BatchRunning, Err: errors.New("something is being printed")}
	}
	defer s.change(func() { s.busy, p.lamp = nil, settled(p.lamp) })
	if err := s.printing.Lock(ctx); err != nil {
		return err
	}
	defer s.printing.Unlock()
	next, _, err := s.renewed(ctx, p, newPin)
	if err != nil {
		return err
	}
	if err := s.record(ctx, configure(id, printerRepinned)); err != nil {
		return err
	}
	kept := next.setup.stored()
	if err := s.cfg.Store.KeepPrinter(context.WithoutCancel(ctx), kept); err != nil {
		return fault(err)
	}
	s.change(func() {
		next.tested = p.tested
		s.printers = slices.Clone(s.printers)
		s.printers[slices.Index(s.printers, p)] = next
	})
	return nil
}

// repinnable is a printer whose pin is kept here. The settings' own has it in
// their file, which whoever is admin at the station may not write.
func (s *Station) repinnable(id string) (*printer, error) {
	p := s.printerByID(id)
	switch {
	case p == nil || id == "":
		return nil, noPrinter(id)
	case p.setup.ID == FixedPrinter:
		file := s.cfg.PrinterFile
		if file == "" {
			file = "the settings file"
		}
		return nil, &Fault{Code: NotPermitted, Err: fmt.Errorf(
			"this printer's certificate is accepted in %s: put the new one's SHA-256 there as printer.pin, in place of %s, and start anew",
			file, hex.EncodeToString(p.setup.Pin[:]))}
	case scheme(p.setup.URI) != "ipps":
		return nil, &Fault{Code: PrinterAddress, Err: fmt.Errorf("%s shows no certificate", p.setup.URI)}
	}
	return p, nil
}

// renewed reaches a printer under another pin. It tells whether the device is
// known to be the same, and refuses one that is known to be another.
func (s *Station) renewed(ctx context.Context, p *printer, pin [32]byte) (next *printer, known bool, err error) {
	setup := p.setup
	setup.Pin = pin
	if next, err = s.dial(setup); err != nil {
		return nil, false, unusable(err)
	}
	can, err := next.device.Describe(ctx)
	if err != nil {
		return nil, false, fault(err)
	}
	next.lamp, next.can, next.asked = LampOK, &can, s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.can == nil || p.can.UUID == "" {
		return next, false, nil
	}
	if p.can.UUID != can.UUID {
		return nil, false, &Fault{Code: PrinterAddress, Err: fmt.Errorf("another device answers there, %s instead of %s: set it up as a new printer", can.UUID, p.can.UUID)}
	}
	return next, true, nil
}
