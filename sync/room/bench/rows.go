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
		{id: "6a", name: "durable journal append at 10 thousand entries", goal: 1.25,
			peer: "a bare INSERT of the same bytes, WAL, FULL, same driver", start: appendRow},
		{id: "6b", name: "durable journal append at 10 million entries", goal: 1.1,
			peer: "the same at 10 thousand", start: growthOfLogRow},
		{id: "7", name: "verification of the journal's file, chain and tree, on two cores", goal: 1.2,
			peer: "scan and one SHA-256 of the same rows, same driver, one core", start: verifyRow(2)},
		{id: "7-one-core", name: "verification of the journal's file, chain and tree, on one core", goal: 2.0,
			peer: "scan and one SHA-256 of the same rows, same driver, one core", start: verifyRow(1)},
		{id: "8-open", name: "journal screen opened at 10 million entries", goal: 1.0,
			peer: "a limit of 200 ms", start: screenRow(toOpen, opened)},
		{id: "8-filter", name: "journal screen, a person and a day at 10 million entries", goal: 1.0,
			peer: "a limit of 300 ms", start: screenRow(toFind, filtered)},
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
