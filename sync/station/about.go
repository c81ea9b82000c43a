package station

import (
	"context"
	"time"
)

// About is what there is to say of a station besides its snapshot. It holds
// people's names, but nothing of any letter.
type About struct {
	Station        string
	Log            string    // the journal's name at central
	CertificateEnd time.Time // of the certificate that central gave the station
	People         []Person  // as the room authority signed them
	PeopleSigned   time.Time // when it did, zero before the first list
	DataDir        string
	Free           int64 // bytes that may still be written there
	Outbox         int   // messages that central has not taken yet
	Journal        JournalSize
	Versions       Versions
}

// JournalSize is how long the journal is, in entries and in bytes.
type JournalSize struct {
	Entries int64
	Sealed  int64 // of them, countersigned
	Bytes   int64
}

// Versions are those of the program and of what it is made of.
type Versions struct {
	Program string
	Go      string
	Fyne    string
	MuPDF   string
	System  string // operating system and processor
	Source  string // where the source code is
}

// About tells what the station itself knows; who assembled it adds the rest.
func (s *Station) About(ctx context.Context) (About, error) {
	s.mu.Lock()
	a := About{Station: s.cfg.ID, People: persons(s.people), PeopleSigned: s.staffAt}
	s.mu.Unlock()
	var err error
	if a.Outbox, err = s.cfg.Store.Pending(ctx); err != nil {
		return a, fault(err)
	}
	a.Free, err = s.cfg.Store.Free()
	return a, fault(err)
}
