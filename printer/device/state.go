package device

// JobState is a job's state; the numbers are those of RFC 8011 section 5.3.7.
type JobState int

// The job states of RFC 8011.
const (
	Pending    JobState = 3
	Held       JobState = 4
	Processing JobState = 5
	Stopped    JobState = 6
	Canceled   JobState = 7
	Aborted    JobState = 8
	Completed  JobState = 9
)

// String is the state's RFC 8011 keyword.
func (s JobState) String() string {
	switch s {
	case Pending:
		return "pending"
	case Held:
		return "pending-held"
	case Processing:
		return "processing"
	case Stopped:
		return "processing-stopped"
	case Canceled:
		return "canceled"
	case Aborted:
		return "aborted"
	case Completed:
		return "completed"
	}
	return "unknown"
}

// Valid reports whether s is a state of RFC 8011.
func (s JobState) Valid() bool { return s >= Pending && s <= Completed }

// Ended reports whether the printer will do nothing more for the job. That a
// job is completed does not mean that it is on paper: a printer may complete
// a document that was cut off.
func (s JobState) Ended() bool { return s >= Canceled && s <= Completed }

// PrinterState is the printer's own state; the numbers are those of RFC 8011
// section 5.4.11.
type PrinterState int

// The printer states of RFC 8011.
const (
	PrinterIdle       PrinterState = 3
	PrinterProcessing PrinterState = 4
	PrinterStopped    PrinterState = 5
)

// String is the state's RFC 8011 keyword.
func (s PrinterState) String() string {
	switch s {
	case PrinterIdle:
		return "idle"
	case PrinterProcessing:
		return "processing"
	case PrinterStopped:
		return "stopped"
	}
	return "unknown"
}

// Valid reports whether s is a state of RFC 8011.
func (s PrinterState) Valid() bool { return s >= PrinterIdle && s <= PrinterStopped }
