package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

const (
	screenPage     = 200 // accesses that the screen asks for at once
	toOpen, toFind = 200 * time.Millisecond, 300 * time.Millisecond
)

// A question is what the journal's screen asks for one selection: the rows, and
// the counts of everybody for its picture.
type question struct {
	rows, hours journal.Filter
	from, to    time.Time // of the picture
}

// screenRow is row 8: what the journal's screen asks of ten million entries,
// beside a limit. A run's time is that of its slowest question.
func screenRow(limit time.Duration, of func(evening time.Time) []question) func(context.Context, options) (*sides, error) {
	return func(ctx context.Context, o options) (*sides, error) {
		f, err := bigFixture(ctx, o)
		if err != nil {
			return nil, err
		}
		dir, remove, err := f.copy(ctx)
		if err != nil {
			return nil, err
		}
		j, err := f.open(ctx, dir)
		if err != nil {
			return nil, errors.Join(err, remove())
		}
		s := &screen{journal: j, evening: f.evening, questions: of(f.evening)}
		return &sides{
			ours: s.ask,
			peer: func(context.Context) (time.Duration, error) { return limit, nil },
			note: func() string {
				return fmt.Sprintf("%d entries; the slowest of %d selections, each with its picture; of the slowest, the rows took %s; %d accesses read",
					o.entries, len(s.questions), short(s.rows), s.read)
			},
			close: func() error { return errors.Join(j.Close(), remove()) },
		}, nil
	}
}

type screen struct {
	journal   *journal.Journal
	evening   time.Time
	questions []question
	rows      time.Duration // of the slowest question so far, its rows alone
	slowest   time.Duration
	read      int
}

// ask has a supervisor sit down and put the questions, each for the first time
// as far as the record of readings goes.
func (s *screen) ask(ctx context.Context) (slowest time.Duration, err error) {
	for _, q := range s.questions {
		desk := review.New(review.Config{
			Journal: s.journal, Now: func() time.Time { return s.evening }, Zone: time.UTC,
			Who: func() (review.Person, bool) {
				return review.Person{Pseudonym: supervisor(0), Role: "supervisor"}, true
			},
		})
		began := time.Now()
		if err := desk.PrepareJournal(ctx, nil); err != nil {
			return 0, err
		}
		rows, err := desk.Accesses(ctx, q.rows, 0, screenPage)
		if err != nil {
			return 0, err
		}
		listed := time.Since(began)
		hours, err := desk.AccessHours(ctx, q.hours)
		if err != nil {
			return 0, err
		}
		report.PictureOf(hours, q.from, q.to, time.UTC)
		took := time.Since(began)
		if len(rows) == 0 || len(hours) == 0 {
			return 0, fmt.Errorf("nothing was found by %+v", q.rows)
		}
		s.read += len(rows)
		if slowest = max(slowest, took); took > s.slowest {
			s.slowest, s.rows = took, listed
		}
	}
	return slowest, nil
}

// opened is the screen as it comes up: today, and as whoever left it at
// everything finds it again.
func opened(evening time.Time) []question {
	today := evening.Truncate(24 * time.Hour)
	return []question{
		{rows: journal.Filter{From: today}, hours: journal.Filter{From: today}, from: today, to: today.AddDate(0, 0, 1)},
		{},
	}
}

// filtered is a person's accesses of one day, chosen out of the last month and
// out of all there is; the picture stays that of the period.
func filtered(evening time.Time) []question {
	today, first := evening.Truncate(24*time.Hour), fixtureFirst().Truncate(24*time.Hour)
	month := today.AddDate(0, 0, -29)
	of := func(day time.Time) journal.Filter {
		for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			day = day.AddDate(0, 0, -1)
		}
		if day.Before(first) {
			day = first
		}
		return journal.Filter{Actor: workerOn(day), From: day, To: day.AddDate(0, 0, 1)}
	}
	middle := first.Add(today.Sub(first) / 2).Truncate(24 * time.Hour)
	return []question{
		{rows: of(today.AddDate(0, 0, -9)), hours: journal.Filter{From: month}, from: month, to: today.AddDate(0, 0, 1)},
		{rows: of(middle)},
		{rows: of(first)},
	}
}

// workerOn is who prints on a working day.
func workerOn(day time.Time) string {
	days := int(day.Sub(fixtureFirst().Truncate(24*time.Hour)) / (24 * time.Hour))
	return operator(days/7*5 + days%7)
}
