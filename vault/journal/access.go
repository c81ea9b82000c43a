package journal

import (
	"slices"
	"strconv"
)

// Action is what somebody or the station does, as a code. Only the codes below
// are written.
type Action string

// The actions of a print room.
const (
	ActionUnlock        Action = "unlock"         // a person unlocked the station
	ActionLock          Action = "lock"           // the station was locked
	ActionHandover      Action = "handover"       // a running batch passed to another person
	ActionClaim         Action = "claim"          // jobs were leased
	ActionRelease       Action = "release"        // jobs were given back
	ActionFetch         Action = "fetch"          // a sealed document was downloaded
	ActionOpen          Action = "open"           // a claim's key or a document is opened
	ActionPreview       Action = "preview"        // a letter is shown
	ActionPrint         Action = "print"          // a letter is printed
	ActionReprint       Action = "reprint"        // a letter is printed once more
	ActionConfirm       Action = "confirm"        // a person saw the sheets
	ActionEnvelope      Action = "envelope"       // a piece was closed
	ActionDestroy       Action = "destroy"        // spoilt paper was destroyed
	ActionDeposit       Action = "deposit"        // pieces were handed over
	ActionReceipt       Action = "receipt"        // a receipt's picture is opened or stored
	ActionExport        Action = "export"         // data leaves the station
	ActionReview        Action = "review"         // the journal itself is read
	ActionConclude      Action = "conclude"       // a finding of a review is concluded
	ActionPurge         Action = "purge"          // keys and personal fields are deleted
	ActionCancel        Action = "cancel"         // a job is cancelled
	ActionErase         Action = "erase"          // an erase order is carried out
	ActionEnrol         Action = "enrol"          // the station got its identity
	ActionPINSet        Action = "pin_set"        // a PIN is set with a code of central's: the first, or in place of another
	ActionPINChange     Action = "pin_change"     // a person changes their own PIN
	ActionPersonAdded   Action = "person_added"   // somebody may work at this station from now on
	ActionPersonRemoved Action = "person_removed" // somebody may no more
	ActionRevoke        Action = "revoke"         // central revoked the station
	ActionOverride      Action = "override"       // a letter held for a finding is let go
	ActionKeep          Action = "keep"           // how long a letter is kept is changed
	ActionConfigure     Action = "configure"      // a setting is changed
	ActionCounter       Action = "counter"        // the rollback counter goes up
	ActionStart         Action = "start"          // the program started
	ActionStop          Action = "stop"           // the program stopped
	ActionDecide        Action = "decide"         // a person settled an uncertain job
	ActionApprove       Action = "approve"        // a second person agreed
	ActionRefuse        Action = "refuse"         // something was not allowed
	ActionFail          Action = "fail"           // a fault
)

// Actions lists the actions.
func Actions() []Action {
	return []Action{ActionUnlock, ActionLock, ActionHandover, ActionClaim, ActionRelease, ActionFetch,
		ActionOpen, ActionPreview, ActionPrint, ActionReprint, ActionConfirm, ActionEnvelope,
		ActionDestroy, ActionDeposit, ActionReceipt, ActionExport, ActionReview, ActionConclude,
		ActionPurge, ActionCancel, ActionErase, ActionEnrol, ActionPINSet, ActionPINChange, ActionPersonAdded,
		ActionPersonRemoved, ActionRevoke, ActionOverride, ActionKeep, ActionConfigure,
		ActionCounter, ActionStart, ActionStop, ActionDecide, ActionApprove, ActionRefuse, ActionFail}
}

// Known tells whether a is one of the actions above.
func (a Action) Known() bool { return slices.Contains(Actions(), a) }

// Outcome is how an action ended, as a code. Only the codes below are written.
type Outcome string

// The outcomes of an action.
const (
	OutcomeDone      Outcome = "done"      // it happened
	OutcomeFailed    Outcome = "failed"    // it was tried and did not succeed
	OutcomeRefused   Outcome = "refused"   // it was not allowed
	OutcomeCancelled Outcome = "cancelled" // given up before its end
	OutcomeUncertain Outcome = "uncertain" // nobody can know: paper may exist
)

// Outcomes lists the outcomes.
func Outcomes() []Outcome {
	return []Outcome{OutcomeDone, OutcomeFailed, OutcomeRefused, OutcomeCancelled, OutcomeUncertain}
}

// Known tells whether o is one of the outcomes above.
func (o Outcome) Known() bool { return slices.Contains(Outcomes(), o) }

// Access is one access. It holds ids and codes and nothing else: what can't
// have to be erased. Names, addresses, titles and free text don't pass (see
// verify.CheckID and verify.CheckCode for what does).
type Access struct {
	Actor   string // a person's pseudonym, "" for the station itself
	Object  string // the id of what is opened: a job, a claim, a receipt …
	Attempt string // a printing attempt's code, "" when there is none
	Action  Action
	Reason  string // a code, "" when there is none
	Counter int64  // the rollback counter's value this entry commits to, 0 for none
	Pages   string // which pages a preview shows, made by Pages; "" for none
}

// Pages is how an access names the pages first to last of a letter, from 1 on:
// "3" or "3-7". Page 1 is the carrier page.
func Pages(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return strconv.Itoa(first) + "-" + strconv.Itoa(last)
}
