package station

import "time"

// Central's lamp stands for three conversations, each with a word of its own:
// that one goes well says nothing of the others.

// centralParts are those conversations, as the parts of the room they are.
func centralParts() []part { return []part{partCentral, partReports, partOrders} }

// CentralReport is how pull tells whether letters, leases and the list of people
// come from central.
func (s *Station) CentralReport(err error) {
	if err == nil {
		s.heard()
	}
	s.report(partCentral, err)
}

// PushReport is how push tells whether central takes what is reported to it.
func (s *Station) PushReport(err error) { s.report(partReports, err) }

// OrdersReport is how pull tells whether central's orders arrive.
func (s *Station) OrdersReport(err error) { s.report(partOrders, err) }

// CentralTime is the latest time that central has signed, with the list of
// people: zero before the first list. It goes by no clock of this station, and
// stands still while central is away.
func (s *Station) CentralTime() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.confirmed
}

// confirm takes the time of a list whose signature was checked. An older list
// that comes again takes nothing back.
func (s *Station) confirm(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.After(s.confirmed) {
		s.confirmed = at
	}
}

// centralLamp is bad when any conversation is, and off until one was held.
// Callers hold mu.
func (s *Station) centralLamp() Lamp {
	lamp := LampOff
	for _, p := range centralParts() {
		switch s.lamps[p] {
		case LampBad:
			return LampBad
		case LampOK:
			lamp = LampOK
		}
	}
	return lamp
}
