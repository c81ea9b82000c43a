package pkcs11

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to look into central's database

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/wire"
)

// TestCentralChangesToTheToken: a room goes from its key ring to a token, and the token's key is rotated. The
// letters stay readable all along, and then neither the ring nor the token's first key opens one.
func TestCentralChangesToTheToken(t *testing.T) {
	ctx := context.Background()
	k := newToken(t)
	dir := t.TempDir()
	ringFile := filepath.Join(dir, "keys", "keyring.json")
	open := func(kms central.KMS) *central.Central {
		t.Helper()
		c, err := central.New(ctx, central.Config{Dir: dir, KMS: kms})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	c := open(nil)
	must(c.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: "Anna", Role: wire.RoleOperator, Language: "fr"}))
	pay := func(n int) {
		t.Helper()
		for i := range n {
			_, err := c.Pay(ctx, central.Letter{
				PDF: fmt.Appendf(nil, "%%PDF %d", i), Recipient: []string{"R"}, Country: "BE", Return: []string{"S"},
				Product: wire.ProductStandard, Envelope: "c5_6", Pages: 1, CutOff: time.Now().Add(time.Hour),
			})
			must(err)
		}
	}
	pay(40)
	must(c.Close())
	ring, err := central.OpenKeyRing(ringFile)
	must(err)
	kms := k.open()
	c = open(central.Succession(ring, kms))
	pay(1)
	if n, err := c.Rewrap(ctx); err != nil || n != 41 {
		t.Fatalf("%d were wrapped by the token: %v", n, err)
	}
	keys, err := c.KMSKeys(ctx)
	if err != nil || len(keys) != 2 || keys[0].Uses != 0 || keys[1].Uses != 42 || !keys[1].Newest {
		t.Fatalf("%+v, %v", keys, err)
	}
	must(c.Close())
	must(os.Remove(ringFile))

	c = open(kms)
	defer func() { must(c.Close()) }()
	before := wrappedKeys(t, dir)
	must(c.RotateKMS(ctx))
	if err := c.DropKMSKey(ctx, keys[1].ID); !errors.Is(err, central.ErrKeyInUse) {
		t.Errorf("a key in use: %v", err)
	}
	n, err := c.Rewrap(ctx)
	if err != nil || n != 42 {
		t.Errorf("%d were wrapped anew: %v", n, err)
	}
	must(c.DropKMSKey(ctx, keys[1].ID))
	for job, wrapped := range wrappedKeys(t, dir) {
		if _, err := kms.Unwrap(ctx, "job/"+job, wrapped); err != nil {
			t.Errorf("letter %s: %v", job, err)
		}
		if bytes.HasPrefix(wrapped, keys[1].ID) {
			t.Errorf("letter %s is wrapped by the old key", job)
		}
		if _, err := kms.Unwrap(ctx, "job/"+job, before[job]); !errors.Is(err, central.ErrUnwrap) {
			t.Errorf("letter %s opens as it was: %v", job, err)
		}
	}
}

func wrappedKeys(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.Join(dir, "central.db")}).EscapedPath()+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), `SELECT id, wrapped_dek FROM jobs`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	all := map[string][]byte{}
	for rows.Next() {
		var job string
		var wrapped []byte
		if err := rows.Scan(&job, &wrapped); err != nil {
			t.Fatal(err)
		}
		all[job] = wrapped
	}
	if err := rows.Err(); err != nil || len(all) != 41 {
		t.Fatalf("%d letters, %v", len(all), err)
	}
	return all
}
