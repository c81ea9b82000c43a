package station

// The conditions of reading the journal.
const (
	OwnFinding FaultCode = "own_finding" // nobody concludes a finding about themselves
	FileExists FaultCode = "file_exists" // a report would take the place of another file
)

// Why nothing is opened although the journal can be written.
const (
	JournalOld    FaultCode = "journal_old"    // the disk holds an older journal than the TPM knows of
	OfflineBudget FaultCode = "offline_budget" // central was not heard of for too long
	JournalFork   FaultCode = "journal_fork"   // central holds another history: there is another copy of this station
)

func journalFaults() []FaultCode {
	return []FaultCode{OwnFinding, FileExists, JournalOld, OfflineBudget, JournalFork}
}

// NoDecryption tells whether a condition keeps everything shut: the journal takes
// no intent, or the TPM does not answer for it.
func (c FaultCode) NoDecryption() bool {
	switch c {
	case JournalBroken, JournalOld, OfflineBudget, JournalFork, DiskFull,
		TPMMissing, TPMPermission, TPMBusy, TPMLocked, TPMCleared, Revoked:
		return true
	}
	return false
}
