// Package discovery finds printers on the network by DNS-SD over multicast DNS
// (RFC 6762, RFC 6763). Whoever is on the network can answer, so an answer is
// bounded, escaped and believed in nothing: it is a place to look at, and a
// printer is trusted once an admin has compared its certificate.
package discovery

// Found is a printer that says it is there. All of it is what somebody on the
// network said, safe to show.
type Found struct {
	Name  string // for people, as the network has it
	URI   string // ipps://host:port/path, or ipp:// where it offers nothing better
	Model string // make and model, "" when unsaid
	UUID  string // "urn:uuid:…", "" when unsaid
}
