package station

import (
	"context"
	"fmt"
	"time"

	"espero-soft.com/printroom/printer/device"
)

// watchEvery is how often an idle printer is asked how it is.
const watchEvery = 10 * time.Second

// WatchPrinter keeps the printer's lamp true until ctx ends, and settles what a
// batch left behind once the printer can be asked: no other letter may be left
// to print. While a batch runs, the batch itself does both.
func (s *Station) WatchPrinter(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		if s.Snapshot().Batch == nil {
			s.look(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (s *Station) look(ctx context.Context) {
	status, err := s.cfg.Printer.Status(ctx)
	if ctx.Err() != nil {
		return
	}
	answered := err == nil
	if answered && status.State == device.PrinterStopped {
		err = &Fault{Code: PrinterStopped, Err: fmt.Errorf("the printer says %q", status.Reasons)}
	}
	s.report(partPrinter, err)
	if answered {
		_ = s.Recover(ctx) // tried again at the next look
	}
}
