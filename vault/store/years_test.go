package store

import (
	"database/sql"
	"testing"
	"time"
)

// years is a store of many letters that were mailed, most of them forgotten, and
// of what an afternoon without central leaves in the outbox.
func years(t *testing.T) *Store {
	t.Helper()
	s := filled(t)
	check(t, s.transact(t.Context(), "fill", func(tx *sql.Tx) error {
		for _, q := range []string{
			`CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9999)
				SELECT i, printf('00000000-0000-4000-8000-%012d', i) AS id FROM n`,
			`INSERT INTO jobs (id, claim, product, duplex, colour, envelope, pages, paid_at, cut_off, wrapped_key, sealed_details, next_attempt, state, attempt)
				SELECT id, (SELECT id FROM claims LIMIT 1), 'standard', 0, 0, 'c56', 1, 1, 1, iif(i < 8500, x'', x'01'), iif(i < 8500, x'', x'01'), '', 'DROPPED', 'a' || i FROM n`,
			`INSERT INTO attempts (code, job, number, actor, started) SELECT 'a' || i, id, 1, 'p1', 1 FROM n`,
			`INSERT INTO deposits (id, number, closed, slip_key, dated) SELECT 'd' || i, 'D' || i, 1, x'01', 1 FROM n WHERE i < 400`,
			`INSERT INTO pieces (attempt, deposit) SELECT 'a' || i, 'd' || (i / 25) FROM n`,
			`INSERT INTO outbox (id, kind, body) SELECT 'e' || i, 'event', CAST(json_object('id', id, 'kind', 'device_done', 'job', id) AS BLOB) FROM n WHERE i >= 8500`,
		} {
			_, err := tx.ExecContext(t.Context(), q)
			check(t, err)
		}
		return nil
	}))
	return s
}

// The one connection is everybody's: what the window and the purge ask must not
// keep a letter from the printer, however many were ever mailed.
func TestAnswersAfterYears(t *testing.T) {
	s := years(t)
	for name, ask := range map[string]func() (int, error){
		"listed": func() (int, error) { all, err := s.Jobs(t.Context()); return len(all) - 2, err },
		"kept":   func() (int, error) { all, err := s.Kept(t.Context(), "registered"); return len(all), err },
		"proofs": func() (int, error) { all, err := s.KeptProofs(t.Context(), "registered"); return len(all) + 1100, err },
		"deposits": func() (int, error) {
			all, err := s.DepositStates(t.Context(), "registered", 1500)
			return len(all) + 1100, err
		},
	} {
		began := time.Now()
		var attempts int
		check(t, s.db.QueryRowContext(t.Context(), "SELECT count(DISTINCT code || job) FROM attempts").Scan(&attempts))
		once := time.Since(began) // to look at each letter
		began = time.Now()
		n, err := ask()
		check(t, err)
		took := time.Since(began)
		t.Logf("%s: %s, %.1f times %s", name, took, float64(took)/float64(once), once)
		if n != 1500 || took > 30*once {
			t.Errorf("%s: %d in %s, when each letter once is %s", name, n, took, once)
		}
	}
	if k := keptJob(t, s, "00000000-0000-4000-8000-000000009000"); k.Untold != 1 {
		t.Errorf("%+v", k)
	}
}
