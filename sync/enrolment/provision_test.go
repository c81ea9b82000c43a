package enrolment

import (
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/vault/tpm"
)

// protect gives a TPM's owner a password that the program does not know.
func protect(t testing.TB, endpoint string) {
	t.Helper()
	raw, err := tpm.Dial(endpoint)
	noError(t, err)
	_, err = tpm2.HierarchyChangeAuth{
		AuthHandle: tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)},
		NewAuth:    tpm2.TPM2BAuth{Buffer: []byte("theirs")},
	}.Execute(raw)
	noError(t, errors.Join(err, raw.Close()))
}

// An installer provisions, then people without the owner's authorisation enrol,
// and enrol again.
func TestEnrolAfterProvision(t *testing.T) {
	r := newRoom(t)
	other, err := central.New(t.Context(), central.Config{Dir: t.TempDir()})
	noError(t, err)
	defer func() { noError(t, other.Close()) }()
	if err := Provision(t.Context(), r.client(t, nil), r.device, other.Authority(), 2); !errors.Is(err, ErrAuthority) {
		t.Errorf("for a stranger: %v", err)
	}
	noError(t, Provision(t.Context(), r.client(t, nil), r.device, r.central.Authority(), 2))
	protect(t, r.chip.Endpoint())
	id, dir := r.enrolled(t)
	r.work(t, r.device, id, dir, 3, 2)
	again, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	wantSucceeded(t, r, r.device, id, again, dir)
}
