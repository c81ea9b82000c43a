package station

import "espero-soft.com/printroom/vault/store"

// BatchSize is how many letters one batch has at most.
const BatchSize = 25

// NextBatch is what should be printed next: the READY job with the soonest
// cut-off, and others that can share a batch with it: same product, envelope,
// sides and colour. jobs are in the order of a snapshot.
func NextBatch(jobs []Job) []Job {
	ready := InState(jobs, store.Ready)
	if len(ready) == 0 {
		return nil
	}
	var batch []Job
	for _, j := range ready {
		if len(batch) < BatchSize && together(ready[0], j) {
			batch = append(batch, j)
		}
	}
	return batch
}

func together(a, b Job) bool {
	return a.Product == b.Product && a.Envelope == b.Envelope && a.Duplex == b.Duplex && a.Colour == b.Colour
}

// InState returns the jobs in a state.
func InState(jobs []Job, s store.State) []Job {
	var out []Job
	for _, j := range jobs {
		if j.State == s {
			out = append(out, j)
		}
	}
	return out
}
