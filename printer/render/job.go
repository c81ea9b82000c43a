package render

import (
	"bytes"
	"context"
	"sync"

	"espero-soft.com/printroom/printer/render/frame"
)

// shareFrom is the number of pages from which two processes share a document:
// below, starting the second costs more than it saves.
const shareFrom = 20

// job is one document being rendered.
type job struct {
	pool   *Pool
	req    Request
	limits Limits
	lanes  []*lane
}

// run opens the document in one process, asks for the pages, and gives every
// second one to another process when there are many.
func (j *job) run(ctx context.Context, emit func(Page) error) (Report, error) {
	first, err := j.pool.take(ctx)
	if err != nil {
		return Report{}, err
	}
	a := j.addLane(ctx, first)
	found, err := a.open()
	if err != nil {
		return Report{}, err
	}
	pages, err := j.req.choose(found.sizes, j.limits)
	if err != nil {
		return Report{}, err
	}
	if err := j.share(ctx, found, pages); err != nil {
		return Report{}, err
	}
	report := found.report()
	for i, index := range pages {
		if err := j.emit(j.lanes[i%len(j.lanes)], index, &report, emit); err != nil {
			return Report{}, err
		}
		if i == 0 {
			j.pool.refill() // not before: it would delay what the operator waits for
		}
	}
	for _, l := range j.lanes {
		if err := l.finish(); err != nil {
			return Report{}, err
		}
	}
	return report, nil
}

// share starts the lanes: all pages on one, or every second on each of two.
func (j *job) share(ctx context.Context, found found, pages []uint32) error {
	a := j.lanes[0]
	if len(pages) < shareFrom || j.pool.workers < 2 {
		return a.start(found, pages)
	}
	var halves [2][]uint32
	for i, index := range pages {
		halves[i%2] = append(halves[i%2], index)
	}
	if err := a.start(found, halves[0]); err != nil {
		return err
	}
	second, err := j.pool.take(ctx)
	if err != nil {
		return err
	}
	b := j.addLane(ctx, second)
	again, err := b.open()
	if err != nil {
		return err
	}
	if !again.equal(found) {
		return second.babble() // one of the two lied
	}
	return b.start(found, halves[1])
}

// addLane makes a lane of a process; the job ends it.
func (j *job) addLane(ctx context.Context, w *process) *lane {
	l := newLane(ctx, w, &j.pool.memory, j.req, j.limits)
	j.lanes = append(j.lanes, l)
	return l
}

// emit passes on the lane's next page, which must be the one with that index.
func (j *job) emit(l *lane, index uint32, report *Report, emit func(Page) error) error {
	r := <-l.pages
	if r.err != nil {
		return r.err
	}
	report.Annotations += int(r.page.Annotations)
	report.Widgets += int(r.page.Widgets)
	report.Faults += int(r.page.Faults)
	err := emit(Page{
		Index: int(index), Width: int(r.page.Width), Height: int(r.page.Height),
		Colour: j.req.Colour, Pix: r.pix,
	})
	l.free <- r.pix
	return err
}

// close ends the job's processes, waits for its goroutines and wipes its pages.
func (j *job) close() {
	var wg sync.WaitGroup
	for _, l := range j.lanes {
		wg.Go(l.close)
	}
	wg.Wait()
	j.pool.refill()
}

// found is what a worker said of the document, checked.
type found struct {
	flags uint32
	sizes []frame.Size
}

func (f found) equal(g found) bool {
	return f.flags == g.flags && bytes.Equal(frame.AppendSizes(nil, f.sizes), frame.AppendSizes(nil, g.sizes))
}

func (f found) report() Report {
	r := Report{
		Pages: len(f.sizes), Sizes: make([]Size, len(f.sizes)),
		JavaScript: f.flags&frame.FlagJavaScript != 0, Attachments: f.flags&frame.FlagAttachments != 0,
		XFA: f.flags&frame.FlagXFA != 0, Repaired: f.flags&frame.FlagRepaired != 0,
	}
	for i, s := range f.sizes {
		r.Sizes[i] = Size{float64(s.Width), float64(s.Height)}
	}
	return r
}
