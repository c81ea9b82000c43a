package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
)

// Glance is what a look from outside shows of a station.
type Glance struct {
	Jobs   map[State]int // letters by state
	Outbox int           // messages that central has not acknowledged
}

// Peek reads the store in dir without opening it for work: beside a running
// program too, and without changing anything. A folder without a store is
// ErrNotFound.
func Peek(ctx context.Context, dir string) (g Glance, err error) {
	path := filepath.Join(dir, "station.db")
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return g, fmt.Errorf("look at the store: %w: %s", ErrNotFound, path)
	}
	q := url.Values{"mode": {"ro"}, "_pragma": {"query_only(ON)", "busy_timeout(5000)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return g, fmt.Errorf("look at the store: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	var version int
	if err := db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return g, fmt.Errorf("look at the store %s: %w", path, explain(err))
	}
	if version != schemaVersion {
		return g, fmt.Errorf("look at the store %s: %w: version %d, this program knows %d", path, ErrNewer, version, schemaVersion)
	}
	return g.read(ctx, db)
}

func (g Glance) read(ctx context.Context, db *sql.DB) (Glance, error) {
	rows, err := db.QueryContext(ctx, "SELECT state, count(*) FROM jobs GROUP BY state")
	if err != nil {
		return g, fmt.Errorf("look at the store: %w", explain(err))
	}
	type count struct {
		state State
		n     int
	}
	counts, err := collect(rows, func(c *count) []any { return []any{&c.state, &c.n} })
	if err != nil {
		return g, err
	}
	g.Jobs = map[State]int{}
	for _, c := range counts {
		g.Jobs[c.state] = c.n
	}
	if err := db.QueryRowContext(ctx, "SELECT count(*) FROM outbox").Scan(&g.Outbox); err != nil {
		return g, fmt.Errorf("look at the store: %w", explain(err))
	}
	return g, nil
}
