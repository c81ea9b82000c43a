package store

import (
	"bytes"
	"database/sql"
	"fmt"
	"testing"
)

// BenchmarkRaise is a raise of a busy room: 10,000 letters that live, half of them
// registered, and 1,000 receipts with pictures, 20 letters a claim. The TPM's own
// time is not in it: one object made, one counter raised.
func BenchmarkRaise(b *testing.B) {
	s := open(b, b.TempDir())
	k, done, err := s.hold(b.Context())
	check(b, err)
	picture := bytes.Repeat([]byte("p"), 100_000)
	check(b, s.transact(b.Context(), "fill", func(tx *sql.Tx) error {
		for i := range 10_000 {
			claim, job := fmt.Sprintf("c%03d", i/20), fmt.Sprintf("j%05d", i)
			if i%20 == 0 {
				insert(b, tx, "INSERT INTO claims (id, fetched, sealed_key) VALUES (?, 1, ?)", claim, k.wrap(claimField(claim), make([]byte, 113)))
			}
			var number []byte
			if i%2 == 0 {
				number = k.wrap(numberField(job), make([]byte, 58))
			}
			insert(b, tx, `INSERT INTO jobs (id, claim, product, duplex, colour, envelope, pages, paid_at, cut_off, wrapped_key, sealed_details,
				sealed_tracking, next_attempt, state) VALUES (?, ?, 'registered', 0, 0, 'c56', 1, 1, 1, ?, ?, ?, '', 'DROPPED')`,
				job, claim, k.wrap(keyField(job), make([]byte, 60)), make([]byte, 300), number)
		}
		insert(b, tx, "INSERT INTO deposits (id, number, closed, slip_key) VALUES ('d', 'D', 1, x'')")
		for i := range 1_000 {
			receipt := fmt.Sprintf("r%03d", i)
			key, sealed, err := k.wrapLarge(pictureField(receipt), picture)
			check(b, err)
			insert(b, tx, `INSERT INTO receipts (id, deposit, media_type, sha256, image_key, sealed_numbers, at, source)
				VALUES (?, 'd', 'image/png', '', ?, ?, 1, '')`, receipt, key, k.wrap(numbersField(receipt), make([]byte, 1500)))
			insert(b, tx, "INSERT INTO pictures VALUES (?, ?)", receipt, sealed)
		}
		return nil
	}))
	done()
	check(b, s.EmptyLog(b.Context()))
	for b.Loop() {
		check(b, s.Raise(b.Context()))
	}
}

func insert(b *testing.B, tx *sql.Tx, query string, args ...any) {
	b.Helper()
	_, err := tx.ExecContext(b.Context(), query, args...)
	check(b, err)
}
