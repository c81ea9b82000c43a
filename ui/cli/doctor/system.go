package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"

	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/memory"
)

// system looks at the machine, whatever the settings say.
func (e *exam) system(ctx context.Context) {
	e.kernel()
	err := e.Renderer.Check(ctx)
	e.judge(Sandbox, err, Bad, "tried: no file, no network, no other process")
	if err == nil {
		e.judge(Drawing, e.draw(ctx), Bad, "an address page was drawn, its fonts with it")
	}
	e.coreDumps()
	e.swap()
	e.memoryLock()
}

const drawnDPI = 150

// draw draws an address page in the sandbox and looks whether it is there.
func (e *exam) draw(ctx context.Context) error {
	tables, err := postal.Default()
	if err != nil {
		return err
	}
	code, err := postal.NewAttemptCode(rand.Reader)
	if err != nil {
		return err
	}
	envelope := tables.Envelopes[0]
	pdf, err := letter.Carrier(letter.CarrierData{
		Attempt: code, Product: postal.Standard, Envelope: envelope, Sheets: 2,
		Recipient: []string{"Bjet24", "Rue de l’Église 1", "1000 Bruxelles"}, Country: postal.Belgium,
	})
	if err != nil {
		return err
	}
	check := preflight.New(preflight.Terms{Envelope: &envelope})
	pages := 0
	_, err = e.Renderer.Render(ctx, render.Request{Document: pdf, DPI: drawnDPI}, func(p render.Page) error {
		pages++
		check.Carrier(p, drawnDPI)
		return nil
	})
	switch {
	case err != nil:
		return err
	case pages != 1 || len(check.Codes()) > 0:
		return errDrawing
	}
	return nil
}

var errDrawing = errors.New("the page came out without its address")

// lockedBytes is what the letters of a full lane want.
const lockedBytes = 64 << 20

// memoryLock tries to keep a letter's worth of memory out of swap.
func (e *exam) memoryLock() {
	b, err := memory.New(lockedBytes)
	if err != nil {
		e.bad(MemoryLock, err)
		return
	}
	defer b.Destroy()
	if !b.Locked() {
		e.say(MemoryLock, Warn, fmt.Sprintf("%d MiB can't be kept out of swap; %s", lockedBytes>>20, lockable()))
		return
	}
	e.say(MemoryLock, OK, fmt.Sprintf("%d MiB kept out of swap; %s", lockedBytes>>20, lockable()))
}

// lockable says how much the system lets this process lock.
func lockable() string {
	limit := memory.Lockable()
	if limit == math.MaxInt64 {
		return "there is no limit"
	}
	return fmt.Sprintf("the limit is %d KiB", limit>>10)
}
