package retention

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// made is the state of a TPM as it leaves the factory, which takes long to make:
// each test has a copy of it.
var made string

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "retention")
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	made = filepath.Join(dir, "tpm")
	if err := os.Mkdir(made, 0o700); err != nil {
		return 1, err
	}
	sim, err := swtpm.Start(context.Background(), made)
	if err != nil {
		return 1, err
	}
	if err := sim.Stop(); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// emulator is a TPM emulator that can be switched off and on.
type emulator struct {
	t    *testing.T
	dir  string
	sim  *swtpm.TPM
	stop sync.Once
}

func (e *emulator) on() {
	e.t.Helper()
	sim, err := swtpm.Start(e.t.Context(), e.dir)
	if err != nil {
		e.t.Fatal(err)
	}
	e.sim, e.stop = sim, sync.Once{}
	e.t.Cleanup(e.off)
}

func (e *emulator) off() {
	e.stop.Do(func() {
		if err := e.sim.Stop(); err != nil {
			e.t.Error(err)
		}
	})
}

// newChip makes a station's keys in a TPM of its own.
func newChip(t *testing.T) (*tpm.Chip, *emulator) {
	t.Helper()
	e := &emulator{t: t}
	var err error
	if e.dir, err = os.MkdirTemp(filepath.Dir(made), "copy"); err != nil { // a test's own folder may have a comma in its name, which the emulator's options can't
		t.Fatal(err)
	}
	if err := os.CopyFS(e.dir, os.DirFS(made)); err != nil {
		t.Fatal(err)
	}
	e.on()
	d, err := tpm.Open(e.sim.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	set, err := d.CreateKeys(&policy.PublicKey)
	if err = errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	chip, err := tpm.OpenChip(e.sim.Endpoint(), set)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := chip.Close(); err != nil {
			t.Error(err)
		}
	})
	return chip, e
}
