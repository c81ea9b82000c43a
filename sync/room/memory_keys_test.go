//go:build long || window

package room

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
)

// claimNeedles are the keys of the claims that a program at work has open, and of
// their letters. Nobody tells them: each 32 bytes of its locked buffers that open
// a letter's key which opens the letter are a claim's.
func claimNeedles(t *testing.T, r *Room, pid int) []needle {
	t.Helper()
	claims := answered(t, r)
	rs, err := regions(pid)
	if err != nil {
		t.Fatal(err)
	}
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", pid))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = mem.Close() }()
	var all []needle
	for _, region := range rs {
		if region.kind != "locked buffer" {
			continue
		}
		eachChunk(mem, region, func(_ uint64, data []byte) {
			for ; len(data) >= keys.KeySize; data = data[8:] {
				all = append(all, opens(data[:keys.KeySize], claims)...)
			}
		})
	}
	if len(all) == 0 {
		t.Fatal("no claim's key is in the locked buffers of a program that prints")
	}
	return all
}

// opens tells whether a candidate is a claim's key: with the letters' keys.
func opens(candidate []byte, claims []claimed) []needle {
	if bytes.Equal(candidate, make([]byte, len(candidate))) {
		return nil
	}
	var all []needle
	for _, c := range claims {
		dek := decipher(candidate, c.wrapped, keys.KeySize)
		if string(decipher(dek, c.document, 5)) == "%PDF-" {
			if all == nil {
				all = append(all, needle{"claim key", "as it is", bytes.Clone(candidate)})
			}
			all = append(all, needle{"letter's key", "as it is", dek})
		}
	}
	return all
}

// claimed is what opens one letter: its key under the claim's, and itself.
type claimed struct{ wrapped, document []byte }

// answered are the letters of every claim that central gave, as they lie on the
// station's disk.
func answered(t *testing.T, r *Room) []claimed {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.Options.Dir, "central", "central.db")+"?mode=ro&_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	rows, err := db.QueryContext(t.Context(), "SELECT answer FROM answers WHERE operation = 'claim'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var all []claimed
	for rows.Next() {
		var text []byte
		var claim wire.Claim
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &claim); err != nil {
			t.Fatal(err)
		}
		for _, j := range claim.Jobs {
			document, err := os.ReadFile(filepath.Join(r.Data, "documents", j.ID+".sealed"))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, claimed{j.WrappedKey, document})
		}
	}
	if err := rows.Err(); err != nil || len(all) == 0 {
		t.Fatalf("%d letters were claimed, %v", len(all), err)
	}
	return all
}

// decipher gives the first bytes of what was sealed with AES-256-GCM under a
// nonce of 12 bytes that precedes it, right or wrong: the tag is not looked at
// (NIST SP 800-38D, 6.5: counting begins at 2).
func decipher(key, sealed []byte, n int) []byte {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil
	}
	counter := binary.BigEndian.AppendUint32(bytes.Clone(sealed[:12]), 2)
	out := make([]byte, n)
	cipher.NewCTR(block, counter).XORKeyStream(out, sealed[12:12+n])
	return out
}
