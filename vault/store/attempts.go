package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Attempt is one physical printing of a job, and what is needed to recognise
// it at the printer after a restart.
type Attempt struct {
	Code         string
	Job          string
	Number       int // 1 for the first printing; given by the store
	Impressions  int // page sides that must come out
	PrinterUUID  string
	PrinterEpoch time.Time // when that printer was started
	DeviceJob    int       // the printer's number of it
	Printer      string    // the id of the printer it goes to
	Actor        string    // who asked
	Started      time.Time
	Reason       string // why it was needed after the one before; given by the store
	Approved     string // the second person who agreed to it; given by the store
}

const attemptColumns = "code, job, number, impressions, printer_uuid, printer_epoch, device_job, printer, actor, started, reason, approved"

func attemptFields(a *Attempt) []any {
	return []any{&a.Code, &a.Job, &a.Number, &a.Impressions, &a.PrinterUUID, millis{&a.PrinterEpoch}, &a.DeviceJob, &a.Printer, &a.Actor, millis{&a.Started}, &a.Reason, &a.Approved}
}

// BeginAttempt begins the attempt that the job's next code names, sets next as
// the code of the one after it, and moves the job to INTENT. Its reason is why
// a person wants the letter printed again, else why the one before it came to
// nothing. It returns the attempt's number.
func (s *Store) BeginAttempt(ctx context.Context, a Attempt, from []State, next string) (int, error) {
	var number int
	err := s.transact(ctx, "begin an attempt", func(tx *sql.Tx) error {
		var hold string
		row := tx.QueryRowContext(ctx, "SELECT number + 1, hold FROM jobs WHERE id = ?", a.Job)
		if err := row.Scan(&number, &hold); err != nil {
			return err
		}
		if err := move(ctx, tx, Move{Job: a.Job, From: from, To: Intent}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO attempts (code, job, number, printer, actor, started, reason, approved)
			SELECT ?, id, ?, ?, ?, ?, CASE reprint WHEN '' THEN ? ELSE reprint END, approved FROM jobs WHERE id = ?`,
			a.Code, number, a.Printer, a.Actor, stamp(a.Started), hold, a.Job)
		if err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, "UPDATE jobs SET attempt = ?, number = ?, next_attempt = ? WHERE id = ? AND next_attempt = ?",
			a.Code, number, next, a.Job, a.Code)
		return exactlyOne(r, err)
	})
	return number, err
}

// AtDevice keeps under which number which printer knows the attempt, and moves
// the job from INTENT to CREATED.
func (s *Store) AtDevice(ctx context.Context, a Attempt) error {
	return s.transact(ctx, "keep the printer's number", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE attempts SET impressions = ?, printer_uuid = ?, printer_epoch = ?, device_job = ? WHERE code = ?",
			a.Impressions, a.PrinterUUID, stamp(a.PrinterEpoch), a.DeviceJob, a.Code)
		if err != nil {
			return err
		}
		return move(ctx, tx, Move{Job: a.Job, From: []State{Intent}, To: Created})
	})
}

// Attempt returns one attempt by its code.
func (s *Store) Attempt(ctx context.Context, code string) (Attempt, error) {
	var a Attempt
	err := s.db.QueryRowContext(ctx, "SELECT "+attemptColumns+" FROM attempts WHERE code = ?", code).Scan(attemptFields(&a)...)
	if err != nil {
		return a, fmt.Errorf("find attempt %s: %w", code, explain(err))
	}
	return a, nil
}
