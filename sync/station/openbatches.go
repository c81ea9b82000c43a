package station

import (
	"cmp"
	"context"
	"slices"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/vault/store"
)

// BatchView is a batch of which letters are open.
type BatchView struct {
	ID      string
	Product postal.Product
	Jobs    []Job // in the order of the snapshot
	Open    int   // letters that wait: to be printed, for the printer, or for a person's verdict
}

// OpenBatches are the batches that can't be closed yet, newest first. A batch
// closes by itself when none of its letters waits.
func OpenBatches(jobs []Job) []BatchView {
	at := map[string]int{}
	var all []BatchView
	for _, j := range jobs {
		if j.Batch == "" {
			continue
		}
		i, known := at[j.Batch]
		if !known {
			i = len(all)
			at[j.Batch] = i
			all = append(all, BatchView{ID: j.Batch, Product: j.Product})
		}
		all[i].Jobs = append(all[i].Jobs, j)
		if Waits(j) {
			all[i].Open++
		}
	}
	all = slices.DeleteFunc(all, func(b BatchView) bool { return b.Open == 0 })
	slices.SortFunc(all, func(a, b BatchView) int { return cmp.Compare(b.ID, a.ID) }) // they begin with the time
	return all
}

// Waits tells whether a letter keeps its batch open.
func Waits(j Job) bool {
	switch j.State {
	case store.Confirmed, store.Enveloped:
		return j.Order != ""
	case store.Held:
		return j.Paper
	case store.Dropped:
		return false
	}
	return true
}

// Find gives the letter that a code names, whichever of its printings it is of:
// a sheet's code, or an attempt's typed by hand.
func (s *Station) Find(text string) (Job, bool) {
	_, j, err := s.piece(context.Background(), text)
	if err != nil {
		return Job{}, false
	}
	return shown(j), true
}
