package station

import (
	"os"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// A letter that was pulled and forgotten, and that central leases anew, is
// fetched again and can be printed.
func TestForgottenAndLeasedAnew(t *testing.T) {
	r := newRoom(t)
	ctx := t.Context()
	id := r.pay("PAGES 2")[0]
	r.check(r.kept.Move(ctx, store.Move{Job: id, From: []store.State{store.Ready}, To: store.Held, Hold: string(Pulled)}))
	r.check(r.kept.Forget(ctx, store.Kept{Job: id, State: store.Held, Hold: string(Pulled)}))
	claim, err := r.BeginClaim(ctx)
	r.check(err)
	kek, dek, binding := make([]byte, keys.KeySize), make([]byte, keys.KeySize), keys.Binding{Claim: claim, Station: name}
	sealedKey, err := keys.SealClaimKey(r.doc.PublicKey(), binding, kek)
	r.check(err)
	wrapped, err := keys.WrapDocumentKey(kek, binding, id, dek)
	r.check(err)
	document, err := keys.SealPart(dek, id, keys.PartDocument, []byte("PAGES 2"))
	r.check(err)
	details, err := keys.SealPart(dek, id, keys.PartDetails, []byte(goodDetails))
	r.check(err)
	r.check(r.TakeClaim(ctx, wire.Claim{ID: claim, FencingToken: 8, ExpiresAt: time.Now().Add(time.Hour), SealedKey: sealedKey}))
	fetched := 0
	for range 2 { // the claim is gone on with after a break: what is here is not fetched again
		r.check(r.TakeJob(ctx, claim, wire.Job{ID: id, WrappedKey: wrapped, Details: details}, func(path string) error {
			fetched++
			return os.WriteFile(path, document, 0o600)
		}))
	}
	r.check(r.EndClaim(ctx, claim))
	if fetched != 1 || r.state(id) != store.Ready {
		t.Fatalf("fetched %d times, %s; want once, READY", fetched, r.state(id))
	}
	r.check(r.PrintBatch(ctx, []string{id}))
	if r.state(id) != store.DeviceDone {
		t.Errorf("printed it is %s", r.state(id))
	}
}
