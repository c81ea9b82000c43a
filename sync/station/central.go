package station

// Central's lamp stands for three conversations, each with a word of its own:
// that one goes well says nothing of the others.

// centralParts are those conversations, as the parts of the room they are.
func centralParts() []part { return []part{partCentral, partReports, partOrders} }

// CentralReport is how pull tells whether letters, leases and the list of people
// come from central.
func (s *Station) CentralReport(err error) { s.report(partCentral, err) }

// PushReport is how push tells whether central takes what is reported to it.
func (s *Station) PushReport(err error) { s.report(partReports, err) }

// OrdersReport is how pull tells whether central's orders arrive.
func (s *Station) OrdersReport(err error) { s.report(partOrders, err) }

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
