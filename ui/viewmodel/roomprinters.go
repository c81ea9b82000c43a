package viewmodel

import (
	"context"
	"errors"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/sync/station"
)

// paper is what every letter is printed on, PWG 5101.1.
const paper = "iso_a4_210x297mm"

// act does something for the person; done runs with its answer, unless the
// person is gone by then. The fault of the newest act is shown.
func (r *Room) act(do func(context.Context) error, done func(err error)) {
	r.acted++
	n := r.acted
	r.Fault = nil
	r.asks.run(func(ctx context.Context) func() {
		err := do(ctx)
		return func() {
			if r.Person == nil {
				return
			}
			done(err)
			if n == r.acted {
				r.Fault = faultOf(err)
			}
			r.Changed()
		}
	})
	r.Changed()
}

// CanLook tells whether Look would look.
func (r *Room) CanLook() bool { return r.Admin() && !r.Looking }

// Look looks for printers on the network.
func (r *Room) Look() {
	if !r.CanLook() {
		return
	}
	r.looked++
	n := r.looked
	r.Looking = true
	var found []discovery.Found
	r.act(func(ctx context.Context) (err error) {
		found, err = r.things.FindPrinters(ctx)
		return err
	}, func(err error) {
		if n == r.looked {
			r.Looking = false
		}
		if err == nil && n == r.looked {
			r.Found, r.Looked = found, true
		}
	})
}

// Type takes an address that is being typed; what another one showed is gone.
func (r *Room) Type(address string) {
	if address != r.Address {
		r.Address, r.Probe, r.Probing = address, nil, false
		r.looked++
		r.Looking = false
		r.Changed()
	}
}

// Title takes the name that the printer to add shall have.
func (r *Room) Title(name string) { r.Name = name }

// SetUp looks at a printer that was found.
func (r *Room) SetUp(f discovery.Found) {
	r.Type(f.URI)
	r.Name = shortName(f.Name)
	r.Ask()
}

// shortName is a name in the length that printers' names may have.
func shortName(name string) string {
	if runes := []rune(name); len(runes) > 40 {
		return string(runes[:40])
	}
	return name
}

// CanAsk tells whether Ask would ask.
func (r *Room) CanAsk() bool { return r.Admin() && r.Address != "" && !r.Probing && !r.Adding }

// Ask reads the certificate and the abilities of the address; nothing is trusted
// by that.
func (r *Room) Ask() {
	if !r.CanAsk() {
		return
	}
	r.looked++
	n, uri := r.looked, r.Address
	r.Probing, r.Probe = true, nil
	var probe station.PrinterProbe
	r.act(func(ctx context.Context) (err error) {
		probe, err = r.things.ProbePrinter(ctx, uri)
		return err
	}, func(err error) {
		if n != r.looked {
			return
		}
		r.Probing = false
		if err == nil {
			r.Probe = &probe
			if r.Name == "" {
				r.Name = shortName(probe.Model)
			}
		}
	})
}

// Lacks is the IPP attribute that keeps the probed printer from printing
// letters, "" when nothing does.
func (r *Room) Lacks() string {
	if r.Probe == nil {
		return ""
	}
	var lack *device.UnsupportedError
	if _, err := r.Probe.Can.Plan(device.Ticket{Media: paper}); errors.As(err, &lack) {
		return lack.Attribute
	}
	return ""
}

// CanAdd tells whether Add would set the printer up.
func (r *Room) CanAdd() bool {
	return r.Admin() && r.Probe != nil && !r.Adding && r.Lacks() == ""
}

// Add sets the probed printer up: the person has compared its certificate.
func (r *Room) Add() {
	if !r.CanAdd() {
		return
	}
	r.Adding = true
	setup := station.PrinterSetup{Name: r.Name, URI: r.Probe.URI, Pin: r.Probe.Pin}
	r.act(func(ctx context.Context) error { return r.things.AddPrinter(ctx, setup) }, func(err error) {
		r.Adding = false
		if err == nil {
			r.Refuse()
		}
	})
}

// Refuse forgets what an address showed.
func (r *Room) Refuse() {
	r.looked++
	r.Address, r.Name, r.Probe, r.Probing = "", "", nil, false
	r.Changed()
}

// with does something with one printer, one thing at a time.
func (r *Room) with(id string, doing Doing, do func(context.Context) error, done func(error)) {
	if r.Printer(id) == nil || r.Busy[id] != "" {
		return
	}
	r.Busy[id] = doing
	r.act(do, func(err error) {
		delete(r.Busy, id)
		done(err)
	})
}

// Choose says that the next batch goes to a printer.
func (r *Room) Choose(id string) {
	if p := r.Printer(id); r.MayChoose() && p != nil && !p.Chosen {
		r.with(id, DoingChoose, func(ctx context.Context) error { return r.things.ChoosePrinter(ctx, id) }, func(error) {})
	}
}

// CanTest tells whether Test would print: a batch keeps every printer busy.
func (r *Room) CanTest(id string) bool {
	if !r.Admin() || r.Printer(id) == nil || r.Working != "" {
		return false
	}
	for _, doing := range r.Busy {
		if doing == DoingTest {
			return false
		}
	}
	return r.Busy[id] == ""
}

// Test prints a printer's test sheet.
func (r *Room) Test(id string) {
	if r.CanTest(id) {
		r.Told = ""
		r.with(id, DoingTest, func(ctx context.Context) error { return r.things.TestSheet(ctx, id) }, func(err error) {
			if err == nil {
				r.Told = id
			}
		})
	}
}

// CanRemove tells whether a printer may be removed here.
func (r *Room) CanRemove(id string) bool {
	p := r.Printer(id)
	return r.Admin() && p != nil && !p.Fixed && r.Busy[id] == "" && r.Working != id
}

// Remove asks whether a printer shall be removed; "" takes the question back.
func (r *Room) Remove(id string) {
	if id == "" || r.CanRemove(id) {
		r.Removing = id
		r.Changed()
	}
}

// Confirm removes the printer that Remove asked about.
func (r *Room) Confirm() {
	id := r.Removing
	if !r.CanRemove(id) {
		return
	}
	p := r.Printer(id)
	setup := station.PrinterSetup{ID: p.ID, Name: p.Name, URI: p.URI, Pin: p.Pin}
	r.Removing = ""
	r.with(id, DoingRemove, func(ctx context.Context) error { return r.things.RemovePrinter(ctx, id) }, func(err error) {
		if err == nil {
			r.Removed = &setup
		}
	})
}

// Undo brings back the printer that was removed last.
func (r *Room) Undo() {
	if r.Removed == nil || !r.Admin() {
		return
	}
	setup := *r.Removed
	r.Removed = nil
	r.act(func(ctx context.Context) error { return r.things.AddPrinter(ctx, setup) }, func(err error) {
		if err != nil {
			r.Removed = &setup
		}
	})
}
