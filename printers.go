package main

import (
	"context"

	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/sync/station"
)

// dialPrinter reaches a printer that was set up in the window.
func dialPrinter(p station.PrinterSetup) (station.Device, error) {
	return ipp.Dial(ipp.Config{URI: p.URI, Pin: p.Pin})
}

// findPrinters looks for printers on the networks of this machine.
func findPrinters(ctx context.Context) ([]discovery.Found, error) {
	return discovery.Find(ctx, discovery.Config{})
}
