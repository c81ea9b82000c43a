package main

import (
	"context"
	"fmt"
	"os/exec"
	"time"
)

// rows lists what is measured, by the numbers that the goals have.
func rows() []row {
	return []row{
		{id: "1", name: "50 pages at 150 dpi grey, sandboxed, one worker", goal: 1.15,
			peer: "mutool draw of the same file, whole process", start: renderRow(1)},
		{id: "1-two-workers", name: "50 pages at 150 dpi grey, sandboxed, two workers", goal: 0.65,
			peer: "mutool draw of the same file, whole process", start: renderRow(2)},
		{id: "2", name: "first page of a letter after it is chosen: journaled, opened, sandboxed, reduced", goal: 2.0,
			peer: "mutool draw of page 1 at the preview's resolution, whole process", start: firstPageRow},
		{id: "5", name: "1000 letters opened, 25 a claim, 250 ms in every key operation", goal: 0.05,
			peer: "one K_doc operation a letter", start: keyOperationsRow},
		{id: "9", name: "cold start to the unlock screen's first picture", goal: 1.0,
			peer: "simple-scan's window on the same display", start: startRow},
		{id: "13-letters", name: "time a page in a day of 1000 letters of a page", goal: 1.2,
			peer: "a day of one letter of a page", start: growthRow(1000, 1)},
		{id: "13-pages", name: "time a page of a letter of 100 pages", goal: 1.2,
			peer: "a letter of one page", start: growthRow(1, 100)},
	}
}

// timed runs a program to its end and returns how long it took.
func timed(ctx context.Context, name string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return took, nil
}
