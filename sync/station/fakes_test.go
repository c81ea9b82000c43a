package station

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/render"
)

// fakeRenderer draws pages of an inch; a document says how many it has.
type fakeRenderer struct{}

func (fakeRenderer) Render(_ context.Context, r render.Request, emit func(render.Page) error) (render.Report, error) {
	pages := 1 // the carrier page
	text := string(r.Document)
	if text == "CORRUPT" {
		return render.Report{}, render.ErrCorrupt
	}
	if strings.HasPrefix(text, "PAGES ") {
		if _, err := fmt.Sscanf(text, "PAGES %d", &pages); err != nil {
			return render.Report{}, err
		}
	}
	for _, i := range r.Pages {
		if i >= pages {
			return render.Report{}, render.ErrPage
		}
	}
	for i := range pages {
		if r.Pages != nil && !slices.Contains(r.Pages, i) {
			continue
		}
		p := render.Page{Index: i, Width: r.DPI, Height: r.DPI, Pix: make([]byte, r.DPI*r.DPI)}
		if err := emit(p); err != nil {
			return render.Report{}, err
		}
	}
	return render.Report{Pages: pages}, nil
}

// fakePrinter keeps what it printed. Its knobs make it misbehave.
type fakePrinter struct {
	mu      sync.Mutex
	uuid    string
	epoch   time.Time
	jobs    map[int]*device.JobStatus
	bytes   map[string]int // what was printed, by job name
	off     bool
	offAt   string // goes off before this call: Create, Send
	sendErr error  // after half of the document
	short   int    // impressions that are missing at the end
	abort   bool
	jobErrs []error // what the next questions for a job are answered
	during  func()  // called while a document is taken
}

func newFakePrinter() *fakePrinter {
	return &fakePrinter{uuid: "urn:uuid:1", epoch: time.Now().Add(-time.Hour), jobs: map[int]*device.JobStatus{}, bytes: map[string]int{}}
}

// reboot forgets its jobs, as printers do.
func (p *fakePrinter) reboot() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.epoch, p.jobs = time.Now(), map[int]*device.JobStatus{}
}

func (p *fakePrinter) up() error {
	if p.off {
		return ipp.ErrUnreachable
	}
	return nil
}

func (p *fakePrinter) Describe(context.Context) (device.Capabilities, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return device.Capabilities{
		UUID: p.uuid, Formats: []string{device.FormatPWGRaster}, DPI: []int{300}, RasterTypes: []string{device.Gray8, device.RGB8},
		Colour: true, Sides: []string{device.OneSided, device.TwoSidedLongEdge}, Media: []string{paper}, Scaling: []string{"none"},
	}, p.up()
}

func (p *fakePrinter) Status(context.Context) (device.Status, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return device.Status{UUID: p.uuid, Epoch: p.epoch, State: device.PrinterIdle, Accepting: true}, p.up()
}

func (p *fakePrinter) Create(_ context.Context, t device.Ticket) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.up(); err != nil {
		return 0, err
	}
	for _, j := range p.jobs {
		if !j.State.Ended() {
			return 0, &ipp.StatusError{} // one job at a time, as ippeveprinter has it
		}
	}
	id := len(p.jobs) + 1
	p.jobs[id] = &device.JobStatus{ID: id, Name: t.Name, State: device.Held}
	return id, nil
}

func (p *fakePrinter) Send(_ context.Context, id int, t device.Ticket, document io.Reader) (device.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.off = p.off || p.offAt == "Send"; p.off {
		return device.JobStatus{}, p.up()
	}
	data, err := io.ReadAll(document)
	if p.during != nil {
		p.during()
	}
	j := p.jobs[id]
	if err = errors.Join(err, p.sendErr); err != nil {
		// Like the real ones: what arrived is printed and called completed.
		j.State, j.Impressions, p.bytes[t.Name] = device.Completed, t.Impressions, len(data)/2
		return device.JobStatus{}, err
	}
	j.State, j.Impressions = device.Completed, t.Impressions-p.short
	if p.abort {
		j.State, j.Impressions = device.Aborted, 0
		return *j, nil
	}
	p.bytes[t.Name] = len(data)
	return *j, nil
}

func (p *fakePrinter) Job(_ context.Context, id int) (device.JobStatus, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.up(); err != nil {
		return device.JobStatus{}, err
	}
	if len(p.jobErrs) > 0 {
		err := p.jobErrs[0]
		p.jobErrs = p.jobErrs[1:]
		return device.JobStatus{}, err
	}
	if j := p.jobs[id]; j != nil {
		return *j, nil
	}
	return device.JobStatus{}, &ipp.StatusError{}
}

func (p *fakePrinter) Jobs(context.Context) (all []device.JobStatus, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, j := range p.jobs {
		all = append(all, *j)
	}
	return all, p.up()
}

func (p *fakePrinter) Cancel(_ context.Context, id int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[id].State = device.Canceled
	return p.up()
}

func (p *fakePrinter) printed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.bytes)
}
