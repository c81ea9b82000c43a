package station

// The conditions of people, their PINs and what they may do.
const (
	PINUnset   FaultCode = "pin_unset"   // the person has no PIN at this station yet, or no place
	PINBlocked FaultCode = "pin_blocked" // too many wrong ones: only a new PIN with a code helps
	PINForeign FaultCode = "pin_foreign" // what the TPM holds in the PIN's place is not what central approved
	PINCode    FaultCode = "pin_code"    // the code for a new PIN is wrong, used up or too old
	PINWeak    FaultCode = "pin_weak"    // the new PIN is too short, too long or guessed first
	Revoked    FaultCode = "revoked"     // central revoked this station
	Preflight  FaultCode = "preflight"   // the letter has a finding that a person must let pass
)

func peopleFaults() []FaultCode {
	return []FaultCode{PINUnset, PINBlocked, PINForeign, PINCode, PINWeak, Revoked, Preflight}
}

// ofPIN tells whether a condition is of one person's PIN, and says nothing of the
// TPM as a whole.
func (c FaultCode) ofPIN() bool {
	switch c {
	case WrongPIN, PINUnset, PINBlocked, PINForeign:
		return true
	}
	return false
}
