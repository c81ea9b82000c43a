package central

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
)

// sealed fills the room with something in each sealed column.
func (r *room) sealed(letters int) (jobs []wire.UUID, receipt wire.UUID) {
	r.t.Helper()
	ctx := context.Background()
	if err := r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna Ö.", Role: wire.RoleOperator, Language: "de"}); err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.PINCode(ctx, "p1"); err != nil {
		r.t.Fatal(err)
	}
	receipt = uuid.NewString()
	file, wrapped, err := r.storeImage(ctx, receipt, []byte("picture"))
	if err != nil {
		r.t.Fatal(err)
	}
	err = inTx(ctx, r.db, func(tx *sql.Tx) error {
		if _, err := exec(ctx, tx, `INSERT INTO deposits (id, station, closed_at, slip, received_at) VALUES ('d', 'press-1', 1, '', 1)`); err != nil {
			return err
		}
		_, err := exec(ctx, tx, `INSERT INTO receipts (id, station, deposit, media, size, sha256, image, dek)
			VALUES (?, 'press-1', 'd', 'image/png', 7, '', ?, ?), ('none', 'press-1', 'd', 'image/png', 7, '', NULL, NULL)`, receipt, file, wrapped)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return r.pay(letters), receipt
}

// opens opens everything that is sealed, by the purposes it was sealed for.
func (r *room) opens() error {
	ctx := context.Background()
	for _, s := range sealedColumns() {
		all, err := r.column(s)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errors.New(s.table + ": nothing is sealed")
		}
		for key, value := range all {
			if _, err := r.kms.Unwrap(ctx, s.purpose(key), value); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *room) column(s sealedColumn) (map[string][]byte, error) {
	rows, err := r.db.QueryContext(context.Background(), `SELECT `+s.key+`, `+s.column+` FROM `+s.table+` WHERE length(`+s.column+`) > 0`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	all := map[string][]byte{}
	for rows.Next() {
		var key string
		var value []byte
		if err := rows.Scan(&key, &value); err != nil {
			return nil, err
		}
		all[key] = value
	}
	return all, rows.Err()
}

// cutKMS is a KMS that goes away after so many wraps, and comes back.
type cutKMS struct {
	KMS
	left int // negative: it stays
}

var errAway = errors.New("the KMS is away")

func (k *cutKMS) Wrap(ctx context.Context, purpose string, key []byte) ([]byte, error) {
	if k.left == 0 {
		return nil, errAway
	}
	k.left--
	return k.KMS.Wrap(ctx, purpose, key)
}

// TestRewrap: after a rotation everything is wrapped anew, also when the KMS goes away on the way, and then
// the old key is of no use to anybody.
func TestRewrap(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	s := r.enrol("press-1")
	jobs, _ := r.sealed(rewrapBatch + 5)
	total := len(jobs) + 3
	if n, err := r.Rewrap(ctx); n != 0 || err != nil {
		t.Errorf("without a rotation %d were done: %v", n, err)
	}
	oldRing, err := os.ReadFile(filepath.Join(r.config.KeyDir, "keyring.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.RotateKMS(ctx); err != nil {
		t.Fatal(err)
	}
	late := r.pay(1)
	all, err := r.KMSKeys(ctx)
	if err != nil || len(all) != 2 || all[0].Uses != total || all[0].Newest || all[1].Uses != 1 || !all[1].Newest {
		t.Fatalf("%+v, %v", all, err)
	}
	old := all[0].ID
	if err := r.DropKMSKey(ctx, old); !errors.Is(err, ErrKeyInUse) {
		t.Errorf("a key in use: %v", err)
	}
	cut := &cutKMS{KMS: r.kms, left: rewrapBatch + 2}
	r.kms = cut
	done, err := r.Rewrap(ctx)
	if !errors.Is(err, errAway) || done != rewrapBatch {
		t.Errorf("%d were done when the KMS went: %v", done, err)
	}
	cut.left = -1
	if err := r.opens(); err != nil {
		t.Errorf("half way: %v", err)
	}
	rest, err := r.Rewrap(ctx)
	if err != nil || done+rest != total {
		t.Errorf("%d and %d of %d were done: %v", done, rest, total, err)
	}
	if err := r.DropKMSKey(ctx, old); err != nil {
		t.Fatal(err)
	}
	for range 2 { // again, after a crash
		if err := r.DropKMSKey(ctx, old); err != nil {
			t.Error(err)
		}
	}
	if err := r.opens(); err != nil {
		t.Errorf("after the drop: %v", err)
	}
	claim := r.claim(s, wire.MaxClaimJobs)
	doc, err := s.doc.ECDH()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.OpenClaimKey(doc, keys.Binding{Claim: claim.ID, Station: "press-1"}, claim.SealedKey); err != nil || len(claim.Jobs) == 0 {
		t.Errorf("%d letters are claimed: %v", len(claim.Jobs), err)
	}
	// The stolen ring of before opens nothing that is in the database now.
	path := filepath.Join(t.TempDir(), "stolen")
	if err := os.WriteFile(path, oldRing, 0o600); err != nil {
		t.Fatal(err)
	}
	stolen, err := OpenKeyRing(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, job := range append(jobs, late...) {
		var wrapped []byte
		if err := r.db.QueryRowContext(ctx, `SELECT wrapped_dek FROM jobs WHERE id = ?`, job).Scan(&wrapped); err != nil {
			t.Fatal(err)
		}
		if _, err := stolen.Unwrap(ctx, jobPurpose(job), wrapped); !errors.Is(err, ErrUnwrap) {
			t.Fatalf("the stolen ring opens %s: %v", job, err)
		}
	}
}

// lateKMS gives what another KMS wrapped before.
type lateKMS struct {
	KMS
	held func() []byte
}

func (k lateKMS) Wrap(context.Context, string, []byte) ([]byte, error) { return k.held(), nil }

// TestNothingIsKeptUnderADroppedKey: a letter whose key was wrapped just before the drop is refused, not lost.
func TestNothingIsKeptUnderADroppedKey(t *testing.T) {
	r := newRoom(t, nil)
	ctx := context.Background()
	r.sealed(1)
	held, err := r.kms.Wrap(ctx, "job/x", make([]byte, keys.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	ring := r.kms
	if err := r.RotateKMS(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Rewrap(ctx); err != nil {
		t.Fatal(err)
	}
	if err := r.DropKMSKey(ctx, held[:ringIDSize]); err != nil {
		t.Fatal(err)
	}
	r.kms = lateKMS{ring, func() []byte { return bytes.Clone(held) }}
	for name, keep := range map[string]func() error{
		"a letter": func() error { _, err := r.Pay(ctx, r.letter(9)); return err },
		"a person": func() error {
			return r.AddPerson(ctx, wire.Person{Pseudonym: "p2", Name: "B", Role: wire.RoleAdmin, Language: "fr"})
		},
		"a person's name": func() error {
			return r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "B", Role: wire.RoleAdmin, Language: "fr"})
		},
		"a PIN code": func() error { _, err := r.PINCode(ctx, "p1"); return err },
		"a picture": func() error {
			_, err := r.db.ExecContext(ctx, `UPDATE receipts SET dek = ?`, held)
			return err
		},
	} {
		if keep() == nil {
			t.Errorf("%s was kept", name)
		}
	}
	r.kms = ring
	if err := r.opens(); err != nil {
		t.Error(err)
	}
	if n := len(r.pay(1)); n != 1 {
		t.Error("the next letter is refused too")
	}
}

func TestKeyRingDrop(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ring")
	ring, err := OpenKeyRing(path)
	if err != nil {
		t.Fatal(err)
	}
	var wrapped [3][]byte
	for i := range wrapped {
		if wrapped[i], err = ring.Wrap(ctx, "job/1", []byte("key")); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			if err := ring.Rotate(ctx); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := ring.Drop(ctx, wrapped[2][:ringIDSize]); !errors.Is(err, ErrNewest) {
		t.Errorf("the newest: %v", err)
	}
	for _, id := range [][]byte{wrapped[1][:ringIDSize], wrapped[1][:ringIDSize], {0, 0, 0, 9}, {1}, nil} {
		if err := ring.Drop(ctx, id); err != nil {
			t.Errorf("%x: %v", id, err)
		}
	}
	for range 2 {
		for i, want := range []error{nil, ErrUnwrap, nil} {
			if _, err := ring.Unwrap(ctx, "job/1", wrapped[i]); !errors.Is(err, want) {
				t.Errorf("key %d: %v", i, err)
			}
		}
		if ids, err := ring.Keys(ctx); err != nil || len(ids) != 2 || !bytes.Equal(ids[1], wrapped[2][:ringIDSize]) {
			t.Errorf("%x, %v", ids, err)
		}
		if ring, err = OpenKeyRing(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"the last is empty": `{"keys":[""]}`, "short": `{"keys":["AAAA"]}`, "none": `{"keys":[]}`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKeyRing(path); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
