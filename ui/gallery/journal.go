package main

import (
	"time"

	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal"
)

// chronicle gives the station 45 days of journal, in trouble where the state
// says so.
func chronicle(s *uitest.Station, state string, now time.Time) {
	b := uitest.NewBook(45, now)
	switch state {
	case "journal":
		b.Status.Broken = &journal.BrokenError{Sequence: 1204, What: "does not continue the entry before"}
	case "unsealed":
		b.Status.SignedAt, b.Status.SealedAt, b.Status.VerifiedAt = time.Time{}, time.Time{}, time.Time{}
		b.Status.Sealed, b.Status.Signed = 0, 0
	case "empty":
		b.Rows = nil
	}
	s.Book(b)
}
