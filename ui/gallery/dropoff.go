package main

import (
	"context"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// dropOff brings a day at the counter. Pictures that are taken are really read;
// the newest deposit's registered letters have these numbers.
func dropOff(s *uitest.Station, state string, now time.Time) {
	if state == "dropoff" {
		s.Dropped(now, []postal.TrackingNumber{
			"RA473124829BE",
			"RA473124832BE",
			"RA473124846BE",
			"RA473124850BE",
			"RA473124863BE",
			"RA473124877BE",
			"RA473124885BE",
		})
		s.ReadsPictures(context.Background())
	}
}
