package main

import (
	"errors"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// furnish gives the room its printers, in trouble where the state says so.
func furnish(s *uitest.Station, state string, now time.Time) {
	s.Furnish(now)
	s.Change(func(c *station.Snapshot) {
		c.Printers = slices.Clone(c.Printers)
		switch state {
		case "jam":
			c.Printers[0].Lamp, c.Printer = station.LampBad, station.LampBad
			c.Printers[0].Reasons = []string{device.MediaJam, device.TonerLow}
			c.Printers[0].Fault = &station.Fault{Code: station.PrinterStopped, Err: errors.New(`the printer says ["media-jam"]`)}
		case "impostor":
			c.Printers[1].Lamp, c.Printers[1].Reasons = station.LampBad, nil
			c.Printers[1].Fault = &station.Fault{Code: station.Certificate, Err: errors.New("ipp: printer's certificate is not the pinned one")}
		case "foreign":
			c.TPMEndpoint = "unix:/run/printroom/swtpm"
		}
	})
}
