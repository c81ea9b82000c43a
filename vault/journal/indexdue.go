package journal

import (
	"container/heap"
	"time"
)

type dueKey struct {
	sequence int64
	rule     ruleSet
}

type deadline struct {
	dueKey
	at     int64
	object string // of a view
	stored bool
}

// deadlines is a heap, the soonest first.
type deadlines []deadline

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, k int) bool { return d[i].at < d[k].at }
func (d deadlines) Swap(i, k int)      { d[i], d[k] = d[k], d[i] }

// Push is heap.Interface's.
func (d *deadlines) Push(x any) { *d = append(*d, x.(deadline)) }

// Pop is heap.Interface's.
func (d *deadlines) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

// mark makes a rule fire for an access.
func (w *indexWriter) mark(r *accessRow, rule Rule) {
	r.rules |= bit(rule)
	if rule == RuleViewed {
		w.viewed[r.object] = append(w.viewed[r.object], r)
	}
}

// expect makes a rule fire at a time unless it is called off before.
func (w *indexWriter) expect(r *accessRow, rule Rule, at time.Time) {
	w.wait(deadline{dueKey: dueKey{r.sequence, bit(rule)}, at: at.UnixMilli(), object: r.object})
}

func (w *indexWriter) wait(d deadline) {
	w.due[d.dueKey] = d
	heap.Push(&w.queue, d)
	if d.rule == bit(RuleViewed) {
		if w.shown[d.object] == nil {
			w.shown[d.object] = make(map[int64]struct{})
		}
		w.shown[d.object][d.sequence] = struct{}{}
	}
}

func (w *indexWriter) callOff(k dueKey) {
	d, ok := w.due[k]
	if !ok {
		return
	}
	delete(w.due, k)
	if d.rule == bit(RuleViewed) {
		delete(w.shown[d.object], d.sequence)
	}
	if d.stored {
		w.gone = append(w.gone, k)
	}
}

// fire makes the rules fire whose time has come.
func (w *indexWriter) fire(now int64) error {
	for len(w.queue) > 0 && w.queue[0].at <= now {
		d := heap.Pop(&w.queue).(deadline)
		if _, live := w.due[d.dueKey]; !live {
			continue
		}
		w.callOff(d.dueKey)
		r, err := w.row(d.sequence)
		if err != nil {
			return err
		}
		if r != nil {
			w.mark(r, AllRules()[ruleAt(d.rule)])
		}
	}
	return nil
}
