package tpm

import (
	"fmt"

	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/windowstpm"
)

// dialSystem opens the TPM Base Services, Windows' resource manager. Without
// the service, without a TPM or with a TPM 1.2 there is none for us.
func dialSystem() (transport.TPMCloser, error) {
	t, err := windowstpm.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	return t, nil
}
