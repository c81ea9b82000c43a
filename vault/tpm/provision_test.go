package tpm_test

import (
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

func provisioned(t testing.TB, d *tpm.Device, slots int) {
	t.Helper()
	if err := d.Provision(&policyKey().PublicKey, slots); err != nil {
		t.Fatal(err)
	}
}

// indexNames are the names of all NV indexes of the program's that are there.
func indexNames(t testing.TB, r transport.TPM) map[tpm2.TPMHandle]string {
	t.Helper()
	rsp, err := tpm2.GetCapability{Capability: tpm2.TPMCapHandles, Property: 0x018B2400, PropertyCount: 64}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	list, err := rsp.CapabilityData.Data.Handles()
	if err != nil {
		t.Fatal(err)
	}
	names := map[tpm2.TPMHandle]string{}
	for _, h := range list.Handle {
		if h > 0x018B24ff {
			continue
		}
		public, err := tpm2.NVReadPublic{NVIndex: h}.Execute(r)
		if err != nil {
			t.Fatal(err)
		}
		names[h] = string(public.NVName.Buffer)
	}
	return names
}

// Windows: the installer provisions, the people at work have no owner's
// authorisation. They enrol, set and change PINs, open letters, count and seal.
func TestUnprivilegedAfterProvision(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	r := raw(t, sim)
	occupyRoot(t, r) // Windows keeps an RSA root there
	provisioned(t, openTPM(t, sim), 3)
	setOwner(t, r)

	d := openTPM(t, sim)
	e, err := d.Endorsement()
	if err != nil {
		t.Fatal(err)
	}
	k, ks := newKeys(t, d) // sets a PIN too
	wantActivated(t, k, e, ks)
	if err := roundTrip(k.Doc(pinAt(t, 0, goodPIN)), []byte("letter")); err != nil {
		t.Error(err)
	}
	setPIN(t, k, ks.PINKind, 2, "a second person's")
	if err := k.CheckPIN(pinAt(t, 2, "a second person's")); err != nil {
		t.Error(err)
	}
	if err := k.ChangePIN(2, authOf(t, "a second person's"), authOf(t, "another")); err != nil {
		t.Error(err)
	}
	if err := k.CheckPIN(pinAt(t, 2, "another")); err != nil {
		t.Error(err)
	}
	g := counted(t, k, tpm.CounterGeneration)
	sealed := sealedAt(t, k, g+1, eraKey)
	raised(t, k, tpm.CounterGeneration)
	wantOpens(t, k, sealed, eraKey)
	raised(t, k, tpm.CounterJournal)

	// A fourth person: nobody here may define the slot, and the error says so.
	if _, _, err := k.BeginPIN(3, authOf(t, "x")); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("a slot that was not provisioned: %v", err)
	}
	wantNoHandles(t, sim)

	if err := sim.Cut(); err != nil {
		t.Fatal(err)
	}
	sim = startTPM(t, dir)
	again, err := openTPM(t, sim).Load(ks)
	if err != nil {
		t.Fatal(err)
	}
	if err := again.CheckPIN(pinAt(t, 2, "another")); err != nil {
		t.Errorf("after a power cut: %v", err)
	}
	wantNoHandles(t, sim)
}

// occupyRoot puts an RSA key into the storage root's place.
func occupyRoot(t testing.TB, r transport.TPM) tpm2.TPM2BName {
	t.Helper()
	made, err := tpm2.CreatePrimary{PrimaryHandle: emptyOwner(), InPublic: tpm2.New2B(tpm2.RSASRKTemplate)}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = tpm2.EvictControl{
		Auth:             emptyOwner(),
		ObjectHandle:     tpm2.NamedHandle{Handle: made.ObjectHandle, Name: made.Name},
		PersistentHandle: 0x81000001,
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (tpm2.FlushContext{FlushHandle: made.ObjectHandle}).Execute(r); err != nil {
		t.Fatal(err)
	}
	return made.Name
}

// A second installation changes nothing, a PIN that is set included; more
// slots are added to those there.
func TestProvisionAgain(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r, d := raw(t, sim), openTPM(t, sim)
	provisioned(t, d, 2)
	before := indexNames(t, r)
	if len(before) != 4 {
		t.Fatalf("%d indexes, want 2 slots and 2 counters", len(before))
	}
	k, _ := newKeys(t, d)
	generation := raised(t, k, tpm.CounterGeneration)
	provisioned(t, d, 4)
	if err := k.CheckPIN(pinAt(t, 0, goodPIN)); err != nil {
		t.Errorf("the PIN that was set: %v", err)
	}
	if have := counted(t, k, tpm.CounterGeneration); have != generation {
		t.Errorf("the counter went from %d to %d", generation, have)
	}
	if after := indexNames(t, r); len(after) != 6 || after[0x018B2401] != before[0x018B2401] {
		t.Errorf("%d indexes, want 4 slots and 2 counters", len(after))
	}
	// A slot that somebody redefined is put right.
	undefine(t, r, emptyOwner(), 0x018B2401)
	define(t, r, emptyOwner(), 0x018B2401, []byte("theirs.."))
	provisioned(t, d, 4)
	if after := indexNames(t, r); after[0x018B2401] != before[0x018B2401] {
		t.Error("a foreign index was left in a slot")
	}
	wantNoHandles(t, sim)
}

func TestProvisionRefused(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	d := openTPM(t, sim)
	for _, slots := range []int{-1, tpm.MaxSlots + 1} {
		if err := d.Provision(&policyKey().PublicKey, slots); err == nil {
			t.Errorf("%d slots", slots)
		}
	}
	if err := d.Provision(nil, 1); err == nil {
		t.Error("without a policy key")
	}
	setOwner(t, raw(t, sim))
	if err := d.Provision(&policyKey().PublicKey, 1); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("without the owner's authorisation: %v", err)
	}
	wantNoHandles(t, sim)
}
