package central

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// TestDatabaseOfVersion2: a room that worked before people had slots goes on, its stations as they were.
func TestDatabaseOfVersion2(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "central.db")
	old, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("certificate"))
	for _, statement := range []string{
		schema1, schema2, "PRAGMA user_version = 2",
		`INSERT INTO tokens VALUES ('t', x'00', 'press-1', 0, NULL)`,
		`INSERT INTO enrolments VALUES ('e', 'press-1', x'00', x'00', x'00', x'00', 0)`,
		fmt.Sprintf(`INSERT INTO stations VALUES ('press-1', 1, 'e', x'01', x'%x', 'log')`, digest),
		`INSERT INTO people VALUES ('p1', x'02', 'operator', 'fr')`,
	} {
		if _, err := old.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := old.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there is nothing to do
		write, read, err := openStore(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		var station string
		var revoked, revision int64
		if err := read.QueryRowContext(ctx, `SELECT k.station, s.revoked_at, (SELECT revision FROM revisions WHERE what = 'staff')
			FROM certificates k JOIN stations s ON s.id = k.station AND s.generation = k.generation WHERE k.sha256 = ?`, digest[:]).
			Scan(&station, &revoked, &revision); err != nil || station != "press-1" || revoked != 0 || revision != 1 {
			t.Errorf("%q, revoked %d, revision %d: %v", station, revoked, revision, err)
		}
		var people, enrolments int
		if err := read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM enrolments)`).Scan(&people, &enrolments); err != nil || people != 1 || enrolments != 0 {
			t.Errorf("%d people, %d enrolments: %v", people, enrolments, err)
		}
		if err := read.Close(); err != nil {
			t.Error(err)
		}
		if err := write.Close(); err != nil {
			t.Error(err)
		}
	}
}
