package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/render"
)

const (
	renderPages = 50
	renderDPI   = 150
)

// renderRow is row 1. Ours is the life of a worker process, from its start to
// its end, with every page in the parent's memory; no spare is waiting.
func renderRow(workers int) func(context.Context, options) (*sides, error) {
	return func(ctx context.Context, o options) (*sides, error) {
		pdf, err := letterPDF(renderPages)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(o.dir, fmt.Sprintf("render-%d.pdf", workers))
		if err := os.WriteFile(path, pdf, 0o600); err != nil {
			return nil, err
		}
		config := render.Config{Executable: o.product, Workers: workers}
		different, err := comparePixels(ctx, config, pdf, path, o.dir)
		if err != nil {
			return nil, err
		}
		var halves []time.Duration
		return &sides{
			ours: func(ctx context.Context) (time.Duration, error) {
				began := time.Now()
				pages := 0
				err := renderOnce(ctx, config, pdf, func(render.Page) error { pages++; return nil })
				if err == nil && pages != renderPages {
					err = fmt.Errorf("%d pages came", pages)
				}
				return time.Since(began), err
			},
			peer: func(ctx context.Context) (time.Duration, error) {
				if workers == 2 {
					took, err := inHalves(ctx, path)
					if err != nil {
						return 0, err
					}
					halves = append(halves, took)
				}
				return timed(ctx, "mutool", drawArguments(path)...)
			},
			note: func() string {
				said := fmt.Sprintf("%.2f %% of the pixels differ by more than 64 levels", different*100)
				if workers == 2 {
					said += fmt.Sprintf("; mutool on half the pages twice at once takes %s here", short(median(halves)))
				}
				return said
			},
			close: func() error { return os.Remove(path) },
		}, nil
	}
}

// drawArguments have mutool draw pages, all when none is named, and keep nothing.
func drawArguments(path string, pages ...string) []string {
	return append([]string{"draw", "-q", "-r", fmt.Sprint(renderDPI), "-c", "gray", "-F", "pgm", "-o", "/dev/null", path}, pages...)
}

// inHalves tells what a second core is worth on this machine at this moment.
func inHalves(ctx context.Context, path string) (time.Duration, error) {
	began := time.Now()
	var both sync.WaitGroup
	var errs [2]error // one a goroutine, read when both are done
	for i, pages := range []string{"1-25", "26-50"} {
		both.Go(func() { _, errs[i] = timed(ctx, "mutool", drawArguments(path, pages)...) })
	}
	both.Wait()
	return time.Since(began), errors.Join(errs[:]...)
}

func renderOnce(ctx context.Context, c render.Config, pdf []byte, emit func(render.Page) error) (err error) {
	pool, err := render.NewPool(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	_, err = pool.Render(ctx, render.Request{Document: pdf, DPI: renderDPI}, emit)
	return err
}

// comparePixels checks that both sides draw the same: the same sizes, and at
// most one pixel in a hundred apart by more than anti-aliasing explains. It
// returns the share of those that are.
func comparePixels(ctx context.Context, c render.Config, pdf []byte, path, dir string) (different float64, err error) {
	out, err := os.MkdirTemp(dir, "pixels-")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(out)) }()
	if _, err := timed(ctx, "mutool", "draw", "-q", "-r", fmt.Sprint(renderDPI), "-c", "gray", "-F", "pgm", "-o", filepath.Join(out, "%d.pgm"), path); err != nil {
		return 0, err
	}
	apart, all := 0, 0
	err = renderOnce(ctx, c, pdf, func(p render.Page) error {
		file, err := os.ReadFile(filepath.Join(out, fmt.Sprintf("%d.pgm", p.Index+1)))
		if err != nil {
			return err
		}
		theirs, err := greyPixels(file, p.Width, p.Height)
		if err != nil {
			return fmt.Errorf("page %d: %w", p.Index+1, err)
		}
		for i, v := range theirs {
			if d := int(v) - int(p.Pix[i]); d > 64 || d < -64 {
				apart++
			}
		}
		all += len(theirs)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if different = float64(apart) / float64(all); different > 0.01 {
		return 0, fmt.Errorf("the two sides draw different pages: %.1f %% of the pixels", different*100)
	}
	return different, nil
}

// greyPixels returns the pixels of a binary PGM file of the given size.
func greyPixels(file []byte, width, height int) ([]byte, error) {
	// mutool may write a comment after the magic number.
	lines := bytes.SplitAfterN(file, []byte("\n"), 5)
	header := 0
	var fields []string
	for _, line := range lines[:len(lines)-1] {
		header += len(line)
		if line[0] != '#' {
			for _, f := range bytes.Fields(line) {
				fields = append(fields, string(f))
			}
		}
		if len(fields) >= 4 {
			break
		}
	}
	want := fmt.Sprintf("[P5 %d %d 255]", width, height)
	if have := fmt.Sprint(fields); have != want || len(file)-header != width*height {
		return nil, fmt.Errorf("mutool drew %s in %d bytes, ours is %s", have, len(file)-header, want)
	}
	return file[header:], nil
}
