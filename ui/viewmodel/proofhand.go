package viewmodel

import (
	"context"
	"errors"
	"image"
	"slices"
	"strings"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
)

// CanKeep tells whether the receipt can be kept: what stands on it, what was
// typed, or a person's word ties it to its deposit.
func (p *Proof) CanKeep() bool {
	return p.Picture != nil && p.Deposit != "" && !p.Loading && !p.Keeping && !p.Cropping && len(p.Wrong) == 0 &&
		(p.Weak == nil || p.Vouched || len(p.corrections()) > 0)
}

// Shown counts the letters that the receipt proves, by codes and by hand.
func (p *Proof) Shown() int {
	n := 0
	for _, l := range p.Letters {
		if l.Found || strings.TrimSpace(p.Typed[l.Attempt]) != "" {
			n++
		}
	}
	return n
}

// Missing counts the letters that no receipt shows, with this one.
func (p *Proof) Missing() int {
	n := 0
	for _, l := range p.Letters {
		if !l.Found && !l.Proven && strings.TrimSpace(p.Typed[l.Attempt]) == "" {
			n++
		}
	}
	return n
}

func (p *Proof) corrections() []station.Correction {
	var all []station.Correction
	for _, l := range p.Letters {
		if text := strings.TrimSpace(p.Typed[l.Attempt]); text != "" {
			all = append(all, station.Correction{Attempt: l.Attempt, Number: text})
		}
	}
	return all
}

// Type takes what a person types as the number of a letter.
func (p *Proof) Type(attempt postal.AttemptCode, text string) {
	if p.Typed[attempt] == text {
		return
	}
	p.Typed[attempt] = text
	delete(p.Wrong, attempt)
	p.Changed()
}

// Check asks whether the numbers typed can be right.
func (p *Proof) Check() {
	p.checked++
	n, number, typed := p.checked, p.Deposit, p.corrections()
	if len(typed) == 0 {
		return
	}
	p.asks.run(func(ctx context.Context) func() {
		err := p.station.CheckCorrections(ctx, number, typed)
		return func() {
			var which *station.CorrectionError
			if n == p.checked && errors.As(err, &which) && p.Typed[which.Attempt] == textOf(typed, which.Attempt) {
				p.Wrong[which.Attempt] = faultOf(which.Err)
				p.Changed()
			}
		}
	})
}

func textOf(typed []station.Correction, attempt postal.AttemptCode) string {
	i := slices.IndexFunc(typed, func(c station.Correction) bool { return c.Attempt == attempt })
	if i < 0 {
		return ""
	}
	return typed[i].Number
}

// Scan takes a registered number that the hand scanner read off the receipt's
// paper: it is the letter's that has it or, as it is, the one given by focus,
// "" for none.
func (p *Proof) Scan(code string, focus postal.AttemptCode) bool {
	if p.Picture == nil || !IsNumber(code) {
		return false
	}
	to := focus
	if n, err := postal.ParseNumber(code); err == nil {
		for _, l := range p.Letters {
			if l.Number == n.Text {
				to = l.Attempt
			}
		}
	}
	if to == "" {
		return false
	}
	p.Type(to, code)
	p.Check()
	return true
}

// Vouch takes a person's word that this is the deposit's receipt.
func (p *Proof) Vouch(on bool) {
	p.Vouched = on
	p.Changed()
}

// Turn turns the picture by quarters, clockwise.
func (p *Proof) Turn(quarters int) {
	if p.Picture == nil || p.Loading || p.Keeping {
		return
	}
	p.Cropping = false
	p.capture.Turns = ((p.capture.Turns+quarters)%4 + 4) % 4
	p.capture.Crop = image.Rectangle{} // it was one of the other way up
	p.read()
	p.Changed()
}

// Crop begins or leaves cutting.
func (p *Proof) Crop(on bool) {
	if p.Picture == nil || p.Loading || p.Keeping || on == p.Cropping {
		return
	}
	p.Cropping = on
	p.Changed()
}

// Cropped tells whether something was cut off.
func (p *Proof) Cropped() bool { return !p.capture.Crop.Empty() }

// Cut leaves a part of the picture, in the pixels of Bounds; Uncut brings all of
// it back.
func (p *Proof) Cut(part image.Rectangle) {
	if p.Picture == nil || p.Loading || p.Keeping {
		return
	}
	part = part.Intersect(p.Bounds)
	p.Cropping = false
	if !part.Empty() && part != p.Bounds {
		p.capture.Crop = part.Add(p.capture.Crop.Min) // a cut of a cut
		p.read()
	}
	p.Changed()
}

// Uncut brings back what was cut off.
func (p *Proof) Uncut() {
	if p.Picture == nil || p.Loading || p.Keeping || !p.Cropped() {
		return
	}
	p.capture.Crop = image.Rectangle{}
	p.read()
	p.Changed()
}

// Magnify changes the zoom by steps; Fit brings the whole picture back.
func (p *Proof) Magnify(steps int) {
	p.Zoom = min(max(p.Zoom+steps*zoomStep, zoomMin), zoomMax)
	p.Changed()
}

// Fit shows the whole picture.
func (p *Proof) Fit() {
	p.Zoom = zoomFit
	p.Changed()
}
