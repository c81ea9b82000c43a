package room

import (
	"database/sql"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// query reads a database of somebody else's, read-only: each row's columns, one
// after the other, as text.
func query(t *testing.T, path, question string, args ...any) [][]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), question, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var all [][]string
	for rows.Next() {
		row, to := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			to[i] = &row[i]
		}
		if err := rows.Scan(to...); err != nil {
			t.Fatal(err)
		}
		all = append(all, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// stationDB is where the station keeps its letters, centralDB where central does.
// stationDB is the file of the station's store.
func stationDB(r *Room) string { return filepath.Join(r.Data, "station.db") }

// An entry is one of the journal's, as it was written.
type entry struct {
	Action, Actor, Object, Outcome, Reason string
	Sequence                               int64
}

// String tells the entry without its object: "print p1 done".
func (e entry) String() string {
	return strings.Join(strings.Fields(strings.Join([]string{e.Action, e.Actor, e.Outcome, e.Reason}, " ")), " ")
}

func parseEntry(t *testing.T, text string) (e entry) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return e
}

// written reads the journal's file, while the program writes it.
func written(t *testing.T, r *Room) []entry {
	t.Helper()
	var all []entry
	for _, row := range query(t, filepath.Join(r.Data, "journal", "journal.db"), `SELECT CAST(bytes AS TEXT) FROM entry ORDER BY sequence`) {
		all = append(all, parseEntry(t, row[0]))
	}
	return all
}
