package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/room"
	"espero-soft.com/printroom/sync/wire"
)

// growthRow is row 13: what a page costs, from READY to DEVICE_DONE, in a day of
// so many letters of so many pages, beside what it costs in the smallest day.
// The printer takes no time. The greatest memory of the program is in the note.
func growthRow(letters, pages int) func(context.Context, options) (*sides, error) {
	return func(ctx context.Context, o options) (*sides, error) {
		r, err := enrolledRoom(ctx, o)
		if err != nil {
			return nil, err
		}
		w, err := r.Work(ctx, r.People()[0].Pseudonym, room.PIN(r.People()[0].Pseudonym))
		if err != nil {
			return nil, errors.Join(err, r.Close())
		}
		g := &growth{room: r, work: w}
		return &sides{
			ours: func(ctx context.Context) (time.Duration, error) { return g.page(ctx, letters, pages) },
			peer: func(ctx context.Context) (time.Duration, error) { return g.page(ctx, 1, 1) },
			note: func() string {
				return fmt.Sprintf("time a page, sides of the carrier included; RssAnon %.0f MiB after the smallest day, %.0f after the largest",
					float64(g.small)/1024, float64(g.large)/1024)
			},
			close: func() error { return errors.Join(w.Quit(), r.Close()) },
		}, nil
	}
}

type growth struct {
	room         *room.Room
	work         *room.Worker
	small, large int // KiB
}

// page prints a day's letters and returns the time of one page.
func (g *growth) page(ctx context.Context, letters, pages int) (time.Duration, error) {
	pdf, err := letterPDF(pages)
	if err != nil {
		return 0, err
	}
	for range letters {
		_, err := g.room.Central.Pay(ctx, central.Letter{
			PDF: pdf, Recipient: []string{"Example", "Rue Neuve 1", "1000 Bruxelles"}, Country: "BE",
			Return: []string{"Example", "Rue Haute 2", "1000 Bruxelles"}, Product: wire.Product("standard"),
			Duplex: true, Envelope: "c4", Pages: pages, CutOff: time.Now().Add(time.Hour),
		})
		if err != nil {
			return 0, err
		}
	}
	var took time.Duration
	for left := letters; left > 0; {
		a, err := g.work.Do("claim")
		if err != nil {
			return 0, err
		}
		if a.Ready == 0 {
			return 0, fmt.Errorf("%d letters did not come", left)
		}
		left -= a.Ready
		began := time.Now()
		for range (a.Ready + 24) / 25 {
			if _, err := g.work.Do("print"); err != nil {
				return 0, err
			}
		}
		took += time.Since(began)
	}
	kib, err := anonymous(g.work.PID())
	if letters*pages == 1 {
		g.small = max(g.small, kib)
	} else {
		g.large = max(g.large, kib)
	}
	return took / time.Duration(letters*(pages+1)), err
}
