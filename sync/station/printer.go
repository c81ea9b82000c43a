package station

import (
	"context"
	"errors"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/vault/store"
)

// FixedPrinter is the id of the printer that the settings name.
const FixedPrinter = "printer-0"

// chosenSetting names the printer that the next batch goes to.
const chosenSetting = "chosen_printer"

// printer is a printer that was set up, and what is known of it. Its setup and
// its device never change; Station.mu guards the rest.
type printer struct {
	setup  PrinterSetup
	device Device

	lamp    Lamp
	fault   *Fault
	reasons []string // device's codes, worst first
	can     *device.Capabilities
	asked   time.Time // when can was
	dpi     int       // of the letters sent to it, 0 before the first
	tested  time.Time
}

// loadPrinters brings back the printers that were set up, the settings' own
// first and as the settings have it now.
func (s *Station) loadPrinters(ctx context.Context) error {
	fixed := PrinterSetup{ID: FixedPrinter, Name: s.cfg.PrinterName, URI: s.cfg.PrinterURI, Pin: s.cfg.PrinterPin}
	if err := s.cfg.Store.KeepPrinter(ctx, fixed.stored()); err != nil {
		return fault(err)
	}
	kept, err := s.cfg.Store.Printers(ctx)
	if err != nil {
		return fault(err)
	}
	own := &printer{setup: fixed, device: s.cfg.Printer, lamp: LampOff}
	s.printers = []*printer{own}
	for _, k := range kept {
		if k.ID == FixedPrinter {
			own.tested = k.Tested
			continue
		}
		p, err := s.dial(setupOf(k))
		if err != nil { // a version before this one took it: it has to be set up again
			s.cfg.Log.Error("printer", "ok", false, "error", err)
			continue
		}
		p.tested = k.Tested
		s.printers = append(s.printers, p)
	}
	chosen, err := s.cfg.Store.Setting(ctx, chosenSetting)
	s.chosen = string(chosen)
	return fault(err)
}

func (p PrinterSetup) stored() store.Printer {
	kept := store.Printer{ID: p.ID, Name: p.Name, URI: p.URI}
	if p.Pin != [32]byte{} {
		kept.Pin = p.Pin[:]
	}
	return kept
}

func setupOf(k store.Printer) PrinterSetup {
	p := PrinterSetup{ID: k.ID, Name: k.Name, URI: k.URI}
	copy(p.Pin[:], k.Pin)
	return p
}

func (s *Station) dial(setup PrinterSetup) (*printer, error) {
	if s.cfg.Dial == nil {
		return nil, errors.New("this station prints on the settings' printer alone")
	}
	d, err := s.cfg.Dial(setup)
	if err != nil {
		return nil, err
	}
	return &printer{setup: setup, device: d, lamp: LampOff}, nil
}

// printerByID is the printer that a letter went to, nil for one that is gone.
// Attempts that name none went to the settings' own.
func (s *Station) printerByID(id string) *printer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.findPrinter(id)
}

// findPrinter does the same. Callers hold mu.
func (s *Station) findPrinter(id string) *printer {
	if id == "" {
		id = FixedPrinter
	}
	if i := slices.IndexFunc(s.printers, func(p *printer) bool { return p.setup.ID == id }); i >= 0 {
		return s.printers[i]
	}
	return nil
}

// nextPrinter is the one that a batch begun now goes to. Callers hold mu.
func (s *Station) nextPrinter() *printer {
	if p := s.findPrinter(s.chosen); p != nil {
		return p
	}
	return s.printers[0]
}

// shownPrinter is the one at work, or the next one. Callers hold mu.
func (s *Station) shownPrinter() *printer {
	if s.busy != nil {
		return s.busy
	}
	return s.nextPrinter()
}

// reportPrinter keeps the latest word on a printer; nil means it is well. What
// the caller broke off says nothing of it.
func (s *Station) reportPrinter(p *printer, err error) {
	if code(err) == Cancelled {
		return
	}
	var f *Fault
	lamp := LampOK
	if errors.As(fault(err), &f) {
		lamp = LampBad
	}
	s.mu.Lock()
	was := FaultCode("")
	if p.fault != nil {
		was = p.fault.Code
	}
	same := p.lamp == lamp && was == code(err)
	s.mu.Unlock()
	if !same {
		s.cfg.Log.Info("part", "part", "printer", "printer", p.setup.ID, "ok", err == nil, "code", string(code(err)), "error", err)
		s.change(func() { p.lamp, p.fault = lamp, f })
	}
}

// shownPrinters are the printers as a snapshot has them. Callers hold mu.
func (s *Station) shownPrinters() []Printer {
	next := s.nextPrinter()
	out := make([]Printer, len(s.printers))
	for i, p := range s.printers {
		out[i] = Printer{
			ID: p.setup.ID, Name: p.setup.Name, URI: p.setup.URI, Pin: p.setup.Pin, Fixed: p.setup.ID == FixedPrinter,
			Chosen: p == next, Lamp: p.lamp, Fault: p.fault, Reasons: p.reasons, Can: p.can, TestedAt: p.tested,
		}
		if p.can != nil {
			out[i].Model = p.can.MakeAndModel
		}
	}
	return out
}
