package review

import (
	"context"

	"espero-soft.com/printroom/vault/journal"
)

// Stage is a part of the verification.
type Stage string

// The stages.
const (
	ReadingEntries Stage = "entries" // chain, tree and signatures
	ReadingIndex   Stage = "index"   // what the lists are made from
)

// Progress is how far a verification is.
type Progress struct {
	Stage       Stage
	Done, Total int64 // entries
}

// VerifyJournal reads the whole journal and, when it is whole, makes the index
// again from it, so that no list hides an entry. Whether the journal is whole
// is no secret: anybody may ask, and it is written down. Cancelling ctx ends it
// and finds nothing. progress may be nil; it is called on this goroutine.
func (d *Desk) VerifyJournal(ctx context.Context, progress func(Progress)) (journal.Verification, error) {
	tell := func(s Stage) func(done, total int64) {
		return func(done, total int64) {
			if progress != nil {
				progress(Progress{s, done, total})
			}
		}
	}
	v, err := d.journal.VerifyShown(ctx, tell(ReadingEntries))
	outcome := journal.OutcomeDone
	switch {
	case ctx.Err() != nil:
		outcome = journal.OutcomeCancelled
	case err != nil:
		outcome = journal.OutcomeFailed
	default:
		err = d.journal.Reindex(ctx, tell(ReadingIndex))
	}
	p, _ := d.who() // nobody: the station itself, by a command
	access := journal.Access{Actor: p.Pseudonym, Action: journal.ActionReview, Reason: "verify"}
	if jerr := d.journal.Record(context.WithoutCancel(ctx), access, outcome); err == nil {
		err = jerr
	}
	return v, err
}
