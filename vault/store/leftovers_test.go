package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// needle is enough of a sealed value to know it by: its nonce and more.
const needle = 20

// history is every sealed value that a store ever had, by its beginning.
type history struct {
	values map[string]sealedAt
	eras   map[string]eraRow
}

type sealedAt struct {
	field  field
	sealed []byte
}

func (h history) note(t *testing.T, s *Store) {
	t.Helper()
	for f, v := range values(t, image(t, s.dir)) {
		h.values[string(v[:needle])] = sealedAt{f, v}
	}
	for _, e := range sealedEras(t, image(t, s.dir)) {
		h.eras[string(e.sealed[:needle])] = e
	}
}

// leftovers looks in every file of the store for what is not in it any more.
func (h history) leftovers(t *testing.T, s *Store) (found history) {
	t.Helper()
	now := newHistory()
	now.note(t, s)
	found = newHistory()
	files, err := filepath.Glob(filepath.Join(s.dir, "station.db*"))
	check(t, err)
	for _, path := range files {
		data, err := os.ReadFile(path)
		check(t, err)
		for i := range max(0, len(data)-needle) {
			part := string(data[i : i+needle])
			if v, old := h.values[part]; old && now.values[part].sealed == nil {
				found.values[part] = v
			}
			if e, old := h.eras[part]; old && now.eras[part].sealed == nil {
				found.eras[part] = e
			}
		}
	}
	return found
}

func newHistory() history { return history{map[string]sealedAt{}, map[string]eraRow{}} }

// wantNoise: what is left opens by no key that the TPM may still give, which are
// those of its copies' eras and of the store's own.
func (h history) wantNoise(t *testing.T, s *Store, tpm *counted) {
	t.Helper()
	if log, err := os.Stat(filepath.Join(s.dir, "station.db-wal")); err != nil || log.Size() != 0 {
		t.Errorf("the write-ahead log is not empty: %v", err)
	}
	found := h.leftovers(t, s)
	if len(found.values) == 0 {
		t.Error("nothing is left: the test looks in the wrong places, or is not needed")
	}
	t.Logf("left in gaps of pages: %d of %d values, %d of %d keys", len(found.values), len(h.values), len(found.eras), len(h.eras))
	all := loot{eras: sealedEras(t, image(t, s.dir)), values: map[field][]byte{}}
	for _, e := range h.eras {
		all.eras = append(all.eras, e)
	}
	for _, v := range found.values {
		all.values = map[field][]byte{v.field: v.sealed}
		for f := range all.opens(t, tpm) {
			t.Errorf("an old value of %+v opens", f)
		}
	}
}

// TestOldValuesAreNoise: SQLite overwrites what is deleted, and moves rows without
// overwriting where they lay: gaps between them keep old values. After a raise
// none of those opens, whichever way rows grew, moved and went, and the write-ahead
// log is empty. That a value is not in its place any more would not be enough.
func TestOldValuesAreNoise(t *testing.T) {
	tpm := newCounted()
	s := whole(t, tpm)
	old := newHistory()
	text := func(i int) []byte { return []byte(strings.Repeat(fmt.Sprintf("%04x", i), 15)) }
	for i := range 400 {
		j := aJob(fmt.Sprintf("n%03d", i*37%400)) // not in their order
		j.WrappedKey, j.Details, j.Tracking = text(i), bytes.Repeat([]byte("d"), i), nil
		check(t, s.AddJob(t.Context(), j))
		if i%100 == 99 {
			old.note(t, s)
		}
	}
	for i := range 20 {
		check(t, s.AddReceipt(t.Context(), Receipt{ID: fmt.Sprintf("p%02d", i), Deposit: "d1", Image: bytes.Repeat([]byte("p"), 9000), Numbers: text(i)}, nil))
	}
	for i := range 400 { // rows grow where they lie, and are moved for it
		id := fmt.Sprintf("n%03d", i)
		check(t, s.SetFindings(t.Context(), id, []string{hex.EncodeToString(bytes.Repeat([]byte{1}, i/4))}))
		check(t, s.Stick(t.Context(), Label{Job: id, Number: text(i), At: paid}))
	}
	old.note(t, s)
	for i := range 400 {
		if id := fmt.Sprintf("n%03d", i); i%3 == 0 {
			check(t, s.Erase(t.Context(), id))
		}
	}
	check(t, s.ForgetProof(t.Context(), "d1"))
	for range 2 {
		check(t, s.Raise(t.Context()))
		old.wantNoise(t, s, tpm)
		old.note(t, s)
	}
}
