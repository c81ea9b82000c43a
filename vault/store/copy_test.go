package store

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// image is a copy of a data folder, as a disk image or a power cut has it: the
// store in it may be at work.
func image(t testing.TB, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	check(t, os.CopyFS(to, os.DirFS(dir)))
	return to
}

// values are the sealed values of a data folder, by their place.
func values(t testing.TB, dir string) map[field][]byte {
	t.Helper()
	db := raw(t, dir)
	defer func() { check(t, db.Close()) }()
	all := map[field][]byte{}
	for _, c := range columns() {
		c.values(t, db, all)
	}
	return all
}

// values adds a column's to all.
func (c column) values(t testing.TB, db *sql.DB, all map[field][]byte) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), "SELECT "+c.row+", "+c.name+" FROM "+c.table+" WHERE "+c.living)
	check(t, err)
	defer func() { check(t, rows.Close()) }()
	for rows.Next() {
		var row string
		var sealed []byte
		check(t, rows.Scan(&row, &sealed))
		all[c.field(row)] = sealed
	}
	check(t, rows.Err())
}

// raw opens the database of a copy, as anybody can.
func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "station.db")+"?_pragma=synchronous(OFF)")
	check(t, err)
	db.SetMaxOpenConns(1)
	return db
}

// sealedEras are the sealed keys in a data folder, in order.
func sealedEras(t testing.TB, dir string) []eraRow {
	t.Helper()
	db := raw(t, dir)
	defer func() { check(t, db.Close()) }()
	rows, err := (&Store{db: db}).eraRows(context.Background())
	check(t, err)
	return rows
}

// loot is what of a data folder somebody copied.
type loot struct {
	eras   []eraRow
	values map[field][]byte
}

func steal(t testing.TB, dir string) loot {
	t.Helper()
	to := image(t, dir)
	return loot{sealedEras(t, to), values(t, to)}
}

// opens is all that whoever has a copy and the TPM can open of the store's layer,
// by any key of an era in it.
func (l loot) opens(t testing.TB, tpm *counted) map[field]string {
	t.Helper()
	found := map[field]string{}
	for _, era := range l.eras {
		key := tpm.reach(era.sealed)
		if key == nil {
			continue
		}
		aead, err := newAEAD(key)
		check(t, err)
		for f, sealed := range l.values {
			if v, err := (eraKey{aead: aead}).unwrap(f, sealed); err == nil {
				found[f] = string(v)
			}
		}
	}
	return found
}
