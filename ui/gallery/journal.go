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
		b.Rows, b.Months, b.Status = nil, nil, journal.Status{}
	case "year":
		b = uitest.NewBook(350, now)
		older(b, 1_204_118, now.AddDate(0, 0, -349))
	}
	s.Book(b)
}

// older gives a journal entries that were forgotten.
func older(b *uitest.Book, entries int64, until time.Time) {
	for i := range b.Rows {
		r := &b.Rows[i]
		r.Sequence += entries
		if r.Result > 0 {
			r.Result += entries
		}
	}
	for i := range b.Months {
		m := &b.Months[i]
		m.First, m.Last = m.First+entries, m.Last+entries
	}
	b.Start = journal.Start{Size: entries, SealedAt: until}
	st := &b.Status
	st.Entries, st.Signed, st.Sealed, st.Verified = st.Entries+entries, st.Signed+entries, st.Sealed+entries, st.Verified+entries
}
