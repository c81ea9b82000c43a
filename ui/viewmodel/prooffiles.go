package viewmodel

import (
	"context"
	"image"
	"path/filepath"
	"slices"

	"espero-soft.com/printroom/sync/station"
)

// Take takes picture files, one after the other.
func (p *Proof) Take(paths []string) {
	if !p.here {
		return
	}
	for _, path := range paths {
		if len(p.Waiting) < mostFiles && path != "" && path != p.path && !slices.Contains(p.Waiting, path) {
			p.Waiting = append(p.Waiting, path)
		}
	}
	p.Kept = nil
	p.next()
	p.Changed()
}

// TakeFromFolder takes the oldest picture of the watched folder that was put
// away.
func (p *Proof) TakeFromFolder() {
	clear(p.skipped)
	p.next()
	p.Changed()
}

// next opens the file that waits, or what the scanner has put into the folder.
func (p *Proof) next() {
	if p.Open() || p.Keeping || !p.here {
		return
	}
	if len(p.Waiting) > 0 {
		path := p.Waiting[0]
		p.Waiting = p.Waiting[1:]
		p.open(path)
		return
	}
	if p.Inbox == nil {
		return
	}
	for _, f := range p.Inbox.Files {
		if !p.skipped[f.Path] && (p.Deposit != "" || p.NewestPending() != "") {
			p.skipped[f.Path] = true
			p.open(f.Path)
			return
		}
	}
}

// open reads a file for the deposit that is looked at or, while the next one is
// being made, for the newest whose proof is pending.
func (p *Proof) open(path string) {
	if p.Deposit == "" {
		to := p.NewestPending()
		if to == "" {
			p.Bad = append(p.Bad, BadFile{filepath.Base(path), &station.Fault{Code: station.ReceiptEarly}})
			return
		}
		p.Switch(to)
	}
	p.path, p.Name, p.capture = path, filepath.Base(path), station.Capture{}
	p.Zoom, p.switched = zoomFit, false
	p.read()
}

// read reads the open file as it is turned and cut.
func (p *Proof) read() {
	p.latest++
	n, path, number, c := p.latest, p.path, p.Deposit, p.capture
	p.Loading, p.Fault = true, nil
	p.asks.run(func(ctx context.Context) func() {
		var reading station.Reading
		var err error
		if c.File == nil {
			c.File, err = station.ReadPicture(path)
		}
		if err == nil {
			reading, err = p.station.ReadReceipt(ctx, number, c)
		}
		var bounds image.Rectangle
		if err == nil {
			bounds = reading.Picture.Bounds()
			reading.Picture = shownPicture(reading.Picture)
		}
		return func() {
			if n == p.latest {
				p.arrived(c, reading, bounds, err)
			} else {
				wipePicture(reading.Picture)
			}
		}
	})
}

func (p *Proof) arrived(c station.Capture, r station.Reading, bounds image.Rectangle, err error) {
	p.Loading = false
	if f := faultOf(err); f != nil {
		p.failed(f)
		p.Changed()
		return
	}
	old := p.Picture
	p.capture, p.Picture, p.Bounds, p.Codes, p.Letters, p.Weak = c, r.Picture, bounds, r.Codes, r.Letters, r.Fault
	if r.Other != "" && r.Fault != nil && !p.switched {
		p.switched = true // once: a person may know better
		p.Switch(r.Other)
	}
	p.Changed()
	if old != r.Picture {
		wipePicture(old)
	}
}

// failed puts a file that can't be read on the list and goes on with the next;
// a cut that leaves nothing to read is taken back.
func (p *Proof) failed(f *station.Fault) {
	if p.Picture != nil {
		p.Fault, p.capture.Crop = f, image.Rectangle{}
		return
	}
	p.Bad = append(p.Bad, BadFile{p.Name, f})
	p.put(nil)
	p.next()
}
