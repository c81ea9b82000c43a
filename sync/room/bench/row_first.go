package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/printer/render"
	product "espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/keys"
)

const printDPI = 300

// firstPageRow is row 2: from the choice of a letter, whose ciphertext lies on
// the disk and whose claim's key was opened with the claim, to its first page
// as an image in the window's memory. A spare worker is waiting, as it is in
// the product. The result's entry is written after the image is handed over.
func firstPageRow(ctx context.Context, o options) (_ *sides, err error) {
	pdf, err := letterPDF(3)
	if err != nil {
		return nil, err
	}
	clear, sealed := filepath.Join(o.dir, "first.pdf"), filepath.Join(o.dir, "first.sealed")
	s, err := startStation(ctx, o.dir, noWrap)
	if err != nil {
		return nil, err
	}
	f := &firstPage{station: s, path: sealed}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	doc := s.keys.Doc(s.pin)
	c, err := newClaim(doc.PublicKey(), "claim-1", 1, pdf)
	if err != nil {
		return nil, err
	}
	f.letter = c.letters[0]
	if f.key, err = keys.OpenClaimKey(doc, c.binding, c.sealed); err != nil {
		return nil, err
	}
	if err := errors.Join(os.WriteFile(clear, pdf, 0o600), os.WriteFile(sealed, f.letter.document, 0o600)); err != nil {
		return nil, err
	}
	if f.pool, err = render.NewPool(render.Config{Executable: o.product, Spares: 1}); err != nil {
		return nil, err
	}
	draw := func(ctx context.Context, dpi int) (time.Duration, error) {
		return timed(ctx, "mutool", "draw", "-q", "-r", fmt.Sprint(dpi), "-c", "gray", "-F", "pgm", "-o", "/dev/null", clear, "1")
	}
	var whole []time.Duration
	return &sides{
		ours: f.run,
		peer: func(ctx context.Context) (time.Duration, error) {
			full, err := draw(ctx, printDPI)
			if err != nil {
				return 0, err
			}
			whole = append(whole, full)
			return draw(ctx, printDPI/product.Reduction)
		},
		note: func() string {
			return fmt.Sprintf("ours draws at %d dpi and reduces to %d; mutool at %d dpi takes %s; %s",
				printDPI, printDPI/product.Reduction, printDPI, short(median(whole)), f.medians())
		},
		close: f.close,
	}, nil
}

type firstPage struct {
	*station
	pool   *render.Pool
	key    *keys.ClaimKey
	letter sealedLetter
	path   string
	steps  [3][]time.Duration // of each run: until the letter was open, the page came, it was reduced
}

// medians tells how ours is made up.
func (f *firstPage) medians() string {
	opened, drawn, reduced := median(f.steps[0]), median(f.steps[1]), median(f.steps[2])
	return fmt.Sprintf("of ours, journal and opening take %s, drawing %s, reducing %s", short(opened), short(drawn-opened), short(reduced-drawn))
}

func (f *firstPage) run(ctx context.Context) (took time.Duration, err error) {
	// The spare is up long before a person has chosen the next letter.
	if err := f.pool.Check(ctx); err != nil {
		return 0, err
	}
	posted := make(chan image.Image, 1)
	began := time.Now()
	l := f.letter
	if l.document, err = os.ReadFile(f.path); err != nil {
		return 0, err
	}
	letter, finish, err := f.open(ctx, f.key, l)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, finish()) }()
	step := func(i int) { f.steps[i] = append(f.steps[i], time.Since(began)) }
	step(0)
	_, err = f.pool.Render(ctx, render.Request{Document: letter.Document.Bytes(), DPI: printDPI, Pages: []int{0}}, func(p render.Page) error {
		step(1)
		posted <- product.Reduce(p)
		took = time.Since(began)
		step(2)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if size := (<-posted).Bounds().Size(); size != image.Pt(827, 1169) { // A4 at 100 dpi
		return 0, fmt.Errorf("the page came as %v", size)
	}
	return took, nil
}

func (f *firstPage) close() error {
	if f.key != nil {
		f.key.Destroy()
	}
	var err error
	if f.pool != nil {
		err = f.pool.Close()
	}
	return errors.Join(err, f.station.close())
}
