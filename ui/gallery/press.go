package main

import (
	"context"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"
)

// press brings the press into one of its states: letters that wait for a
// verdict, a batch that runs, a printer that is jammed in the middle of one.
func press(s *uitest.Station, state string, now time.Time) {
	switch state {
	case "press", "pressing", "jammed":
	default:
		return
	}
	s.Change(func(c *station.Snapshot) {
		c.Jobs = uitest.Pressed(c.Jobs, now)
		c.Printers = []station.Printer{{
			ID: "hp-a", Name: "HP-A", Chosen: true, Lamp: station.LampOK, Model: "HP LaserJet E60165",
			Can: &device.Capabilities{MediaReady: []string{"iso_a4_210x297mm", "iso_c5_162x229mm"}},
		}}
		if state == "jammed" {
			c.Printer, c.Printers[0].Lamp = station.LampBad, station.LampBad
			c.Printers[0].Reasons = []string{device.MediaJam, device.TonerLow}
		}
	})
	if state == "press" {
		return
	}
	var ids []string
	for _, j := range s.Snapshot().Jobs {
		if j.State == store.Ready && j.Product == "priority" {
			ids = append(ids, j.ID)
		}
	}
	go func() {
		for s.Snapshot().Person == nil {
			time.Sleep(100 * time.Millisecond)
		}
		_ = s.PrintBatch(context.Background(), ids) // it ends with the window
	}()
}
