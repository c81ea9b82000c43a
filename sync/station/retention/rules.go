// Package retention says what the station forgets when, and forgets it. The
// rules are in this file; docs/retention.md explains them to people.
package retention

import (
	"cmp"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// How long things are kept. Source: the published privacy policy (documents 30
// days after drop-off, up to 12 months for registered mail and what needs legal
// proof; mailing metadata 7 years). Technical logs have their 12 months in
// package techlog. The access journal is an audit trail, with 12 months too.
const (
	documentDays    = 30
	proofMonths     = 12
	metadataYears   = 7
	journalMonths   = 12
	heldDays        = documentDays   // a letter that waits for a person's decision, from its cut-off
	toleratedSpread = 24 * time.Hour // of the station's clock and central's, before a person is told
)

// Kind is what is forgotten together.
type Kind string

// The kinds.
const (
	Letters  Kind = "letters"  // keys, document and personal fields of a letter that was dropped off
	Held     Kind = "held"     // the same of a letter that never was
	Proofs   Kind = "proofs"   // a deposit's slip and its receipts' pictures
	Metadata Kind = "metadata" // what is left of a letter
	Journal  Kind = "journal"  // a month of the access journal, or that of an earlier enrolment
	Copies   Kind = "copies"   // what was forgotten here, and a copy of the data folder from before still opens
)

// Wait is what must happen first, whatever the date.
type Wait string

// What is waited for.
const (
	Nothing Wait = ""
	Central Wait = "central" // to acknowledge what was reported
	Receipt Wait = "receipt" // the proof of drop-off
	Person  Wait = "person"  // to destroy paper
	Others  Wait = "letters" // the letters that a proof is of
	TPM     Wait = "tpm"     // to raise its counter
)

// Item counts things of a kind that go on the same day.
type Item struct {
	Kind  Kind
	Due   time.Time // the day, UTC; zero where it is not known yet, or at once
	Waits Wait
	Count int
}

// due says when a letter is forgotten, zero for at once, and what it waits for.
func due(k store.Kept) (time.Time, Wait) {
	if k.State == store.Held {
		return dueHeld(k)
	}
	switch {
	case k.Receipts == 0:
		return dueFrom(k.Dated, k.Proof), Receipt
	case k.Untold > 0 || k.Dated.IsZero():
		return dueFrom(k.Dated, k.Proof), Central
	}
	return dueFrom(k.Dated, k.Proof), Nothing
}

// dueHeld: what a person or central ended goes as soon as central knows why; what
// may be tried again, at its end.
func dueHeld(k store.Kept) (time.Time, Wait) {
	at := k.CutOff.AddDate(0, 0, heldDays)
	switch station.FaultCode(k.Hold) {
	case station.Pulled, station.OrderCancelled, station.LeaseLost, station.ScanRefused:
		at = time.Time{}
	}
	switch {
	case k.Paper:
		return at, Person
	case k.Untold > 0:
		return at, Central
	}
	return at, Nothing
}

// dueFrom counts from the drop-off.
func dueFrom(dropped time.Time, proof bool) time.Time {
	switch {
	case dropped.IsZero():
		return time.Time{}
	case proof:
		return dropped.AddDate(0, proofMonths, 0)
	}
	return dropped.AddDate(0, 0, documentDays)
}

// dueProof: a slip and its pictures show all letters of a deposit, and go with the
// last of them.
func dueProof(k store.KeptProof) (time.Time, Wait) {
	at := dueFrom(k.Dated, k.Longest)
	switch {
	case k.Dated.IsZero():
		return at, Central
	case k.Letters > 0:
		return at, Others
	case k.Untold > 0: // a picture that came late is nowhere else yet
		return at, Central
	}
	return at, Nothing
}

// dueMonth: what central countersigned in a month goes when the month ended so long
// ago.
func dueMonth(month time.Time) time.Time { return month.AddDate(0, 1+journalMonths, 0) }

// dueFormer: a journal that nobody writes any more goes as a whole.
func dueFormer(last time.Time) time.Time {
	if last.IsZero() {
		return last // it is empty
	}
	return last.AddDate(0, journalMonths, 0)
}

// over tells whether something is to go now.
func over(at time.Time, w Wait, now time.Time) bool { return w == Nothing && !at.After(now) }

// Due counts what will be forgotten when: what is due first, then what waits.
// metadata counts letters by the day they ended, journals are the times when one of
// them goes.
func Due(kept []store.Kept, proofs []store.KeptProof, metadata map[time.Time]int, journals []time.Time) []Item {
	counts := map[Item]int{}
	for _, k := range kept {
		kind := Letters
		if k.State == store.Held {
			kind = Held
		}
		at, w := due(k)
		counts[Item{Kind: kind, Due: day(at), Waits: w}]++
	}
	for _, k := range proofs {
		at, w := dueProof(k)
		counts[Item{Kind: Proofs, Due: day(at), Waits: w}]++
	}
	for ended, n := range metadata {
		counts[Item{Kind: Metadata, Due: day(ended.AddDate(metadataYears, 0, 0))}] += n
	}
	for _, at := range journals {
		counts[Item{Kind: Journal, Due: day(at)}]++
	}
	items := make([]Item, 0, len(counts))
	for i, n := range counts {
		i.Count = n
		items = append(items, i)
	}
	slices.SortFunc(items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.Waits, b.Waits), a.Due.Compare(b.Due), cmp.Compare(a.Kind, b.Kind))
	})
	return items
}

func day(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(24 * time.Hour)
}
