package station

// The conditions of reading the journal.
const (
	OwnFinding FaultCode = "own_finding" // nobody concludes a finding about themselves
	FileExists FaultCode = "file_exists" // a report would take the place of another file
)

func journalFaults() []FaultCode { return []FaultCode{OwnFinding, FileExists} }
