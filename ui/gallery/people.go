package main

import (
	"slices"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"
)

// demand gives people without a PIN to give, or a room that wants two people for
// everything.
func demand(s *uitest.Station, state string) {
	switch state {
	case "pins":
		s.Staff[1].PIN = station.PINIsUnset
		s.Staff[2].PIN = station.PINIsBlocked
	case "strict":
		s.Staff[1].PIN = station.PINIsUnset
		s.Change(func(c *station.Snapshot) {
			c.Policy = uitest.Strict()
			c.Jobs = slices.Clone(c.Jobs)
			for i := range c.Jobs {
				if i == 3 || i == 8 {
					j := &c.Jobs[i]
					j.State, j.Hold, j.Attempt = store.Held, station.Preflight, ""
					j.Findings = []preflight.Code{preflight.Margin, preflight.Form}
				}
			}
		})
	}
}
