package room

import (
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/vault/store"
)

// slow is a side's time that leaves room to interrupt it.
const slow = 2 * time.Second

// awaitStored waits until a job's state is on the disk of the program at work.
func awaitStored(t *testing.T, r *Room, want store.State) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.Data, "station.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var n int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM jobs WHERE state = ?", want).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			return
		}
	}
	t.Fatalf("no letter became %s on the disk", want)
}
