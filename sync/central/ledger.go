package central

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// Ledger says what became of all letters. Each letter counts once in each of Paid to Duplicated, whatever
// the number of its printings.
type Ledger struct {
	Jobs []LedgerJob // in the order they were paid

	Paid       int
	Printed    int // a printing was reported device_done or confirmed
	Enveloped  int // a piece was accepted, dropped off or not
	DroppedOff int
	Rejected   int // set aside by a person or by preflight
	Cancelled  int
	Lost       int // may be on paper, no piece accepted, and its lease has ended: a person must look
	Duplicated int // more than one piece dropped off; must be 0
	Waiting    int // ready to be leased
	Working    int // with a station, none of the above ends
}

// LedgerJob is what became of one letter.
type LedgerJob struct {
	ID       wire.UUID
	Product  wire.Product
	State    string // ready, paper, held, cancelled, dropped
	Attempts int    // printings begun
	Printed  int    // printings reported device_done or confirmed
	Accepted wire.AttemptCode
	Dropped  int // pieces in closed deposits
	CutOff   time.Time
	Leased   bool // under a lease that has not ended
	Tracking string
}

// Ledger reads the attempt ledger as of now.
func (c *Central) Ledger(ctx context.Context) (Ledger, error) {
	// Dropped pieces are counted from the deposits, not from the states that ought to agree with them.
	rows, err := c.read.QueryContext(ctx, `SELECT j.id, j.product, j.state, j.cut_off, COALESCE(j.accepted, ''), COALESCE(c.expires_at, 0),
			(SELECT count(*) FROM attempts a WHERE a.job = j.id),
			(SELECT count(*) FROM attempts a WHERE a.job = j.id AND a.printed = 1),
			(SELECT count(*) FROM pieces p JOIN attempts a ON a.code = p.attempt WHERE a.job = j.id),
			COALESCE(NULLIF(j.tracking, ''), (SELECT MIN(n.number) FROM numbers n WHERE n.job = j.id), '')
		FROM jobs j LEFT JOIN claims c ON c.id = j.claim ORDER BY j.paid_at, j.id`)
	if err != nil {
		return Ledger{}, fmt.Errorf("read ledger: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var l Ledger
	now := micros(c.now())
	for rows.Next() {
		var j LedgerJob
		var cutOff, expires int64
		if err := rows.Scan(&j.ID, &j.Product, &j.State, &cutOff, &j.Accepted, &expires, &j.Attempts, &j.Printed, &j.Dropped, &j.Tracking); err != nil {
			return Ledger{}, fmt.Errorf("read ledger: %w", err)
		}
		j.CutOff, j.Leased = fromMicros(cutOff), expires > now
		l.add(j)
	}
	if err := rows.Err(); err != nil {
		return Ledger{}, fmt.Errorf("read ledger: %w", err)
	}
	return l, nil
}

func (l *Ledger) add(j LedgerJob) {
	l.Jobs = append(l.Jobs, j)
	l.Paid++
	count := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	count(&l.Printed, j.Printed > 0)
	count(&l.Enveloped, j.Accepted != "")
	count(&l.DroppedOff, j.Dropped > 0)
	count(&l.Duplicated, j.Dropped > 1)
	count(&l.Rejected, j.State == stateHeld)
	count(&l.Cancelled, j.State == stateCancelled)
	lost := j.State == statePaper && j.Accepted == "" && !j.Leased
	count(&l.Lost, lost)
	count(&l.Waiting, j.State == stateReady && !j.Leased)
	count(&l.Working, j.Leased && j.State == stateReady || j.State == statePaper && !lost)
}

// JournalStatus is what central holds of one journal.
type JournalStatus struct {
	Log           wire.LogOrigin
	Station       wire.StationID
	Vkey          string // of K_log
	Entries       int64
	Countersigned int64     // size of the last countersigned checkpoint
	Checkpoint    string    // that note, "" if there is none
	SealedAt      time.Time // by the witness's clock; zero when nothing was countersigned
	Start         int64     // entries that were forgotten
	Forks         int       // pieces of evidence of other histories
	Suspended     bool      // no letters until somebody resolves a fork
}

// Journal says what central holds of a journal. sql.ErrNoRows when there is none of that origin.
func (c *Central) Journal(ctx context.Context, log wire.LogOrigin) (JournalStatus, error) {
	s := JournalStatus{Log: log}
	var sealed int64
	err := c.read.QueryRowContext(ctx, `SELECT station, vkey, size, countersigned, checkpoint, sealed_at, MAX(start, ended), forked_at > 0,
			(SELECT count(*) FROM evidence e WHERE e.log = j.log AND e.kind = 'fork') FROM journals j WHERE log = ?`, log).
		Scan(&s.Station, &s.Vkey, &s.Entries, &s.Countersigned, &s.Checkpoint, &sealed, &s.Start, &s.Suspended, &s.Forks)
	if err != nil {
		return s, fmt.Errorf("journal %s: %w", log, err)
	}
	s.SealedAt = timeOrZero(sealed)
	return s, nil
}

// Log is the origin of a station's journal in its enrolment in force. sql.ErrNoRows when it is not enrolled.
func (c *Central) Log(ctx context.Context, station wire.StationID) (wire.LogOrigin, error) {
	var log string
	err := c.read.QueryRowContext(ctx, `SELECT log FROM stations WHERE id = ? ORDER BY generation DESC LIMIT 1`, station).Scan(&log)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("station %s is not enrolled: %w", station, err)
	}
	if err != nil {
		return "", fmt.Errorf("look up station: %w", err)
	}
	return log, nil
}
