package store

// State is where a job stands on this station. Each one is durable before the
// act it names, so that a restart knows what may have happened to the paper.
type State string

// The states of a job, in the order of its life.
const (
	Ready      State = "READY"       // claimed and fetched; nothing was sent
	Intent     State = "INTENT"      // an attempt is named; nothing was sent
	Created    State = "CREATED"     // the printer has a job of that name; no data was sent
	Sending    State = "SENDING"     // data may have reached the printer
	Sent       State = "SENT"        // the printer's answer to the whole document is stored
	DeviceDone State = "DEVICE_DONE" // the printer reports every impression
	Uncertain  State = "UNCERTAIN"   // it may be on paper; only a person decides
	Confirmed  State = "CONFIRMED"   // a person saw the sheets
	Enveloped  State = "ENVELOPED"   // its code was scanned and central accepted the attempt
	Dropped    State = "DROPPED"     // in a closed deposit
	Held       State = "HELD"        // can't go on; the reason says why
)

// Known tells whether s is one of the states above.
func (s State) Known() bool {
	switch s {
	case Ready, Intent, Created, Sending, Sent, DeviceDone, Uncertain, Confirmed, Enveloped, Dropped, Held:
		return true
	}
	return false
}

// OnPaper tells whether sheets of the job may exist: such a job is never
// printed again without a person's decision.
func (s State) OnPaper() bool {
	switch s {
	case Sending, Sent, DeviceDone, Uncertain, Confirmed, Enveloped, Dropped:
		return true
	}
	return false
}
