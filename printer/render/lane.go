package render

import (
	"context"
	"io"
	"math"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/render/frame"
)

// lane is a process at work on one document. After start, its goroutine alone
// reads from the process; pages come through a channel and their memory goes
// back through another, two pages in all.
type lane struct {
	w      *process
	memory *pageMemory
	req    Request
	limits Limits
	drawn  int           // pages asked for
	untie  func() bool   // ends the watch over ctx
	budget time.Duration // left for waiting for the process; the caller's own time is not counted

	quit  chan struct{} // closed to end the goroutine
	pages chan received
	free  chan []byte
	wg    sync.WaitGroup
}

// received is a page or why none came; page.Index is what was asked.
type received struct {
	page frame.Page
	pix  []byte
	err  error
}

func newLane(ctx context.Context, w *process, m *pageMemory, req Request, l Limits) *lane {
	return &lane{
		w: w, memory: m, req: req, limits: l, budget: l.time(0),
		untie: context.AfterFunc(ctx, func() { w.kill(context.Cause(ctx)) }),
		quit:  make(chan struct{}), pages: make(chan received, 3), free: make(chan []byte, 2),
	}
}

// waiting runs f, which waits for the process, and kills that when the budget
// is spent.
func (l *lane) waiting(f func()) {
	begin := time.Now()
	timer := time.AfterFunc(l.budget, func() {
		l.w.kill(&LimitError{What: LimitTime, Max: l.limits.time(l.drawn).Milliseconds()})
	})
	f()
	timer.Stop()
	l.budget -= time.Since(begin)
}

// open sends the document and reads what was found, checked against the limits.
func (l *lane) open() (f found, err error) {
	l.waiting(func() { f, err = l.exchange(l.req) })
	return f, err
}

func (l *lane) exchange(req Request) (found, error) {
	head := frame.Request{
		Bytes: uint64(len(req.Document)), MaxPixels: uint64(l.limits.Pixels), MaxPages: uint32(l.limits.Pages),
		DPI: uint32(req.DPI), Channels: req.channels(),
	}
	err := frame.WriteRequest(l.w.in, head)
	if err == nil {
		_, err = l.w.in.Write(req.Document)
	}
	if err != nil {
		return found{}, l.w.result(err)
	}
	record, err := frame.Read(l.w.out)
	if err != nil {
		return found{}, l.w.result(err)
	}
	doc, ok := record.(frame.Document)
	if !ok {
		return found{}, l.w.refuse(record)
	}
	if doc.Pages == 0 || int64(doc.Pages) > int64(l.limits.Pages) {
		return found{}, l.w.babble() // it had to refuse this itself
	}
	sizes, err := frame.ReadSizes(l.w.out, int(doc.Pages))
	if err != nil {
		return found{}, l.w.result(err)
	}
	return found{flags: doc.Flags, sizes: sizes}, nil
}

// start asks for pages, gives the process the time they are worth and begins
// to receive them.
func (l *lane) start(f found, pages []uint32) error {
	if err := l.w.setCPU(l.limits.cpu(len(pages))); err != nil {
		return err
	}
	l.drawn = len(pages)
	l.budget += l.limits.time(len(pages)) - l.limits.time(0)
	var err error
	l.waiting(func() { err = frame.WriteDraw(l.w.in, pages) }) // it need not have read the document
	if err != nil {
		return l.w.result(err)
	}
	l.free <- nil
	l.free <- nil
	l.wg.Go(func() { l.receive(f, pages) })
	return nil
}

// receive reads the pages and then the end of the conversation.
func (l *lane) receive(f found, pages []uint32) {
	defer close(l.pages)
	for _, index := range pages {
		var buffer []byte
		select {
		case buffer = <-l.free:
		case <-l.quit:
			return
		}
		var r received
		l.waiting(func() { r = l.page(f.sizes[index], index, buffer) })
		if r.err != nil {
			l.memory.give(r.pix)
			r.pix = nil
		}
		l.pages <- r // has room: for two pages and an error
		if r.err != nil {
			return
		}
	}
	var record any
	var err error
	l.waiting(func() { record, err = frame.Read(l.w.out) })
	if err != nil {
		l.pages <- received{err: l.w.result(err)}
	} else if _, ok := record.(frame.Done); !ok {
		l.pages <- received{err: l.w.refuse(record)}
	}
}

// page reads one page into buffer, or into a larger one. What it returns has
// either of them, on an error too.
func (l *lane) page(size frame.Size, index uint32, buffer []byte) received {
	record, err := frame.Read(l.w.out)
	if err != nil {
		return received{pix: buffer, err: l.w.result(err)}
	}
	p, ok := record.(frame.Page)
	if !ok {
		return received{pix: buffer, err: l.w.refuse(record)}
	}
	if !l.plausible(p, size, index) {
		return received{pix: buffer, err: l.w.babble()}
	}
	n := int(p.Bytes())
	if cap(buffer) < n {
		l.memory.give(buffer)
		buffer = l.memory.take(n)
	}
	buffer = buffer[:n]
	if _, err := io.ReadFull(l.w.out, buffer); err != nil {
		return received{pix: buffer, err: l.w.result(err)}
	}
	return received{page: p, pix: buffer}
}

// counts is more annotations, fields or errors than a page of 64 MiB can hold.
const counts = 1 << 24

// plausible says whether p is the page asked for, in the size announced; a
// pixel more or less is rounding.
func (l *lane) plausible(p frame.Page, size frame.Size, index uint32) bool {
	w, h := frame.Pixels(size, uint32(l.req.DPI))
	return p.Index == index && p.Channels == l.req.channels() &&
		p.Width > 0 && p.Height > 0 &&
		math.Abs(float64(p.Width)-w) <= 1 && math.Abs(float64(p.Height)-h) <= 1 &&
		p.Annotations < counts && p.Widgets < counts && p.Faults < counts
}

// finish waits for the end of the conversation, after the last page.
func (l *lane) finish() error {
	if r, ok := <-l.pages; ok {
		return r.err
	}
	return nil
}

// close ends the process and the goroutine, and wipes the pages, which are all
// back in the channels or in them still.
func (l *lane) close() {
	l.untie()
	close(l.quit)
	l.w.end()
	l.wg.Wait()
	for len(l.free) > 0 {
		l.memory.give(<-l.free)
	}
	for len(l.pages) > 0 {
		r := <-l.pages
		l.memory.give(r.pix)
	}
}
