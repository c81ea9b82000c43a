package journal

import "context"

const (
	aheadBatch = 512 // entries read before they are handed over
	aheadDepth = 4   // batches that may wait: memory stays flat
)

// batch is a run of entries in one buffer.
type batch struct {
	bytes     []byte
	ends      []int   // where each entry ends in bytes
	sequences []int64 // each one's sequence
}

// scanAhead is scan with the reading in a goroutine of its own, so that reading
// and checking share two cores. The goroutine has ended when it returns.
func (r reading) scanAhead(ctx context.Context, after, last int64, each func(sequence int64, bytes []byte) error) error {
	ctx, stop := context.WithCancel(ctx)
	full, empty := make(chan *batch, aheadDepth), make(chan *batch, aheadDepth)
	for range aheadDepth {
		empty <- new(batch)
	}
	var readErr error // written before full is closed, read after
	go func() {
		defer close(full)
		readErr = r.fill(ctx, after, last, full, empty)
	}()
	var err error
	for b := range full {
		if err != nil {
			continue // the reader is stopping
		}
		if err = b.visit(each); err != nil {
			stop()
			continue
		}
		b.reset()
		empty <- b // never blocks: there are only as many batches as places
	}
	stop()
	if err != nil {
		return err
	}
	return readErr
}

func (r reading) fill(ctx context.Context, after, last int64, full chan<- *batch, empty <-chan *batch) error {
	var b *batch
	err := r.scan(ctx, after, last, func(sequence int64, bytes []byte) error {
		if b == nil {
			select {
			case b = <-empty:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		b.add(sequence, bytes)
		if len(b.ends) == aheadBatch {
			full <- b // never blocks, as above
			b = nil
		}
		return nil
	})
	if b != nil {
		full <- b // what was read before an error comes first
	}
	return err
}

func (b *batch) add(sequence int64, bytes []byte) {
	b.bytes = append(b.bytes, bytes...)
	b.ends = append(b.ends, len(b.bytes))
	b.sequences = append(b.sequences, sequence)
}

func (b *batch) reset() { b.bytes, b.ends, b.sequences = b.bytes[:0], b.ends[:0], b.sequences[:0] }

func (b *batch) visit(each func(sequence int64, bytes []byte) error) error {
	start := 0
	for i, end := range b.ends {
		if err := each(b.sequences[i], b.bytes[start:end]); err != nil {
			return err
		}
		start = end
	}
	return nil
}
