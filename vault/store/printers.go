package store

import (
	"context"
	"fmt"
	"time"
)

// Printer is a printer that was set up at this station.
type Printer struct {
	ID     string
	Name   string
	URI    string
	Pin    []byte // SHA-256 of its certificate's key, nil for one without a certificate
	Tested time.Time
}

// KeepPrinter keeps a printer, or what is now known of the one with that id;
// when it was tested stays.
func (s *Store) KeepPrinter(ctx context.Context, p Printer) error {
	return s.one(ctx, "keep printer "+p.ID, `INSERT INTO printers (id, name, uri, pin, tested) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, uri = excluded.uri, pin = excluded.pin`,
		p.ID, p.Name, p.URI, p.Pin, stamp(p.Tested))
}

// ForgetPrinter forgets a printer; its attempts stay.
func (s *Store) ForgetPrinter(ctx context.Context, id string) error {
	return s.one(ctx, "forget printer "+id, "DELETE FROM printers WHERE id = ?", id)
}

// PrinterTested keeps when a printer last put out a test sheet.
func (s *Store) PrinterTested(ctx context.Context, id string, at time.Time) error {
	return s.one(ctx, "keep the test of printer "+id, "UPDATE printers SET tested = ? WHERE id = ?", stamp(at), id)
}

// Printers returns every printer, in the order they were set up.
func (s *Store) Printers(ctx context.Context) ([]Printer, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, name, uri, pin, tested FROM printers ORDER BY rowid")
	if err != nil {
		return nil, fmt.Errorf("list the printers: %w", explain(err))
	}
	return collect(rows, func(p *Printer) []any { return []any{&p.ID, &p.Name, &p.URI, &p.Pin, millis{&p.Tested}} })
}
