package station

import (
	"cmp"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Snapshot is the state of everything at this moment.
func (s *Station) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap := Snapshot{
		Jobs:        s.seen(),
		Waiting:     s.waiting,
		Central:     s.centralLamp(),
		TPM:         s.lamps[partTPM],
		Journal:     s.lamps[partJournal],
		Printer:     s.shownPrinter().lamp,
		PrinterName: s.shownPrinter().setup.Name,
		Printers:    s.shownPrinters(),
		TPMEndpoint: s.cfg.TPMEndpoint,
		SealedAt:    s.sealed,
		Inbox:       s.inbox,
		Ledger:      s.ledger,
		Policy:      policyOf(s.policy),
	}
	if s.person != nil {
		p := *s.person
		snap.Person = &p
	}
	if s.batch != nil {
		b := *s.batch
		snap.Batch = &b
	}
	if s.revoked {
		snap.NoDecryption, snap.LastFault = Revoked, errRevoked()
		return snap
	}
	for _, p := range []part{partJournal, partTPM} {
		if f := s.faults[p]; f != nil {
			snap.NoDecryption = f.Code
		}
	}
	for _, p := range append(centralParts(), partJournal, partTPM) {
		if f := s.faults[p]; f != nil && snap.LastFault == nil {
			snap.LastFault = f
		}
	}
	if s.forked {
		snap.NoDecryption, snap.LastFault = cmp.Or(snap.NoDecryption, JournalFork), errForked()
	}
	if f := s.shownPrinter().fault; f != nil && snap.LastFault == nil {
		snap.LastFault = f
	}
	return snap
}

// Subscribe asks for changed to be called, on any goroutine, after each change
// of the snapshot. It must return quickly and not call the station. cancel
// undoes it.
func (s *Station) Subscribe(changed func()) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := s.nextID
	s.nextID++
	s.watched[id] = changed
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watched, id)
	}
}

// change alters the state that the snapshot shows and tells the watchers.
func (s *Station) change(f func()) {
	s.mu.Lock()
	f()
	watchers := make([]func(), 0, len(s.watched))
	for _, w := range s.watched {
		watchers = append(watchers, w)
	}
	s.mu.Unlock()
	for _, w := range watchers {
		w()
	}
}

func shown(j store.Job) Job {
	return Job{
		Batch: j.Batch, Number: j.Number, Paper: j.Paper, Scanned: j.Scanned, Order: wire.OrderKind(j.Order), Reprint: ReasonCode(j.Reprint),
		ID: j.ID, Product: postal.Product(j.Product), Duplex: j.Duplex, Colour: j.Colour,
		Pages: j.Pages, Sheets: sheets(j), Envelope: j.Envelope, PaidAt: j.PaidAt, CutOff: j.CutOff,
		State: j.State, Attempt: postal.AttemptCode(j.Attempt), Code: paperCode(j), Hold: FaultCode(j.Hold), Findings: codes(j.Findings),
		Numbered: j.Numbered, Purged: !j.Keyed, Longer: j.Longer,
	}
}

// paperCode is the code on the paper of a job: the running or last attempt's,
// or, before anything can be on paper, the next one's.
func paperCode(j store.Job) postal.AttemptCode {
	if j.State == store.Ready || j.State == store.Held && j.Attempt == "" {
		return postal.AttemptCode(j.NextAttempt)
	}
	return postal.AttemptCode(j.Attempt)
}
