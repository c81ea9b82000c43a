package tpm_test

import (
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"

	"espero-soft.com/printroom/vault/tpm"
)

// generationIndex and journalIndex are the counters' NV indexes.
const generationIndex, journalIndex tpm2.TPMHandle = 0x018B2480, 0x018B2481

func emptyOwner() tpm2.AuthHandle {
	return tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
}

// setOwner gives the owner a password that the package does not know.
func setOwner(t testing.TB, r transport.TPM) {
	t.Helper()
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
	change := tpm2.HierarchyChangeAuth{AuthHandle: owner, NewAuth: tpm2.TPM2BAuth{Buffer: []byte("theirs")}}
	if _, err := change.Execute(r); err != nil {
		t.Fatal(err)
	}
}

func counted(t testing.TB, k *tpm.Keys, id tpm.CounterID) uint64 {
	t.Helper()
	v, err := k.Counter(id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func raised(t testing.TB, k *tpm.Keys, id tpm.CounterID) uint64 {
	t.Helper()
	v, err := k.Increment(id)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCounters(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, ks := newKeys(t, openTPM(t, sim))
	generation, journal := counted(t, k, tpm.CounterGeneration), counted(t, k, tpm.CounterJournal)
	for i := range uint64(3) {
		if have := raised(t, k, tpm.CounterJournal); have != journal+i+1 {
			t.Errorf("raised to %d, want %d", have, journal+i+1)
		}
	}
	if have := counted(t, k, tpm.CounterGeneration); have != generation {
		t.Errorf("the other counter went from %d to %d", generation, have)
	}
	wantNoHandles(t, sim)

	// A power cut loses no step and adds none: the counters are not orderly.
	for range 3 {
		want := raised(t, k, tpm.CounterJournal)
		if err := sim.Cut(); err != nil {
			t.Fatal(err)
		}
		sim = startTPM(t, dir)
		var err error
		if k, err = openTPM(t, sim).Load(ks); err != nil {
			t.Fatal(err)
		}
		if have := counted(t, k, tpm.CounterJournal); have != want {
			t.Errorf("%d after a power cut, want %d", have, want)
		}
	}
	if _, err := k.Counter(tpm.CounterID(2)); err == nil {
		t.Error("there is a third counter")
	}
}

// Who undefines a counter, with the owner's authorisation, can't have an
// earlier value back.
func TestCounterNeverGoesBack(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, _ := newKeys(t, openTPM(t, sim))
	counted(t, k, tpm.CounterGeneration)
	last := raised(t, k, tpm.CounterGeneration)
	undefine(t, r, emptyOwner(), generationIndex)
	if have := counted(t, k, tpm.CounterGeneration); have <= last {
		t.Errorf("%d after it was defined again, was %d", have, last)
	}
	wantNoHandles(t, sim)
}

func TestCounterOfAnother(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	r := raw(t, sim)
	k, _ := newKeys(t, openTPM(t, sim))
	define(t, r, emptyOwner(), generationIndex, []byte("12345678"))
	if _, err := k.Counter(tpm.CounterGeneration); !errors.Is(err, tpm.ErrCounter) {
		t.Errorf("read: %v", err)
	}
	if _, err := k.Increment(tpm.CounterGeneration); !errors.Is(err, tpm.ErrCounter) {
		t.Errorf("raised: %v", err)
	}
	// Alike in all but the authValue, which is not in the name.
	defineCounter(t, r, journalIndex, []byte("secret"))
	if _, err := k.Counter(tpm.CounterJournal); !errors.Is(err, tpm.ErrCounter) {
		t.Errorf("with another authValue: %v", err)
	}
	wantNoHandles(t, sim)
}

// defineCounter defines an index as the package does, and does not begin it:
// so it is after a power cut in between.
func defineCounter(t testing.TB, r transport.TPM, index tpm2.TPMHandle, auth []byte) {
	t.Helper()
	_, err := tpm2.NVDefineSpace{
		AuthHandle: emptyOwner(), Auth: tpm2.TPM2BAuth{Buffer: auth},
		PublicInfo: tpm2.New2B(tpm2.TPMSNVPublic{
			NVIndex: index, NameAlg: tpm2.TPMAlgSHA256, DataSize: 8,
			Attributes: tpm2.TPMANV{NT: tpm2.TPMNTCounter, AuthRead: true, AuthWrite: true, OwnerRead: true, NoDA: true},
		}),
	}.Execute(r)
	if err != nil {
		t.Fatal(err)
	}
}

func TestCounterDefinedAndNotBegun(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	defineCounter(t, raw(t, sim), generationIndex, nil)
	first := counted(t, k, tpm.CounterGeneration)
	if have := raised(t, k, tpm.CounterGeneration); have != first+1 {
		t.Errorf("%d after %d", have, first)
	}
}

// The program that ran on when the TPM was started again.
func TestCounterAfterRestart(t *testing.T) {
	dir := t.TempDir()
	sim := startTPM(t, dir)
	k, _ := newKeys(t, openTPM(t, sim))
	want := raised(t, k, tpm.CounterGeneration)
	if err := sim.Stop(); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Counter(tpm.CounterGeneration); !errors.Is(err, tpm.ErrMissing) {
		t.Errorf("while the TPM is off: %v", err)
	}
	startTPM(t, dir)
	if have := counted(t, k, tpm.CounterGeneration); have != want {
		t.Errorf("%d after a restart, want %d", have, want)
	}
}

// Without the owner's authorisation nothing can be defined, and the error says
// so; what is there works.
func TestCounterWithoutOwner(t *testing.T) {
	sim := startTPM(t, t.TempDir())
	k, _ := newKeys(t, openTPM(t, sim))
	want := counted(t, k, tpm.CounterGeneration)
	setOwner(t, raw(t, sim))
	if have := raised(t, k, tpm.CounterGeneration); have != want+1 {
		t.Errorf("%d after %d", have, want)
	}
	if _, err := k.Counter(tpm.CounterJournal); !errors.Is(err, tpm.ErrHierarchy) {
		t.Errorf("a counter that is not there: %v", err)
	}
	wantNoHandles(t, sim)
}
