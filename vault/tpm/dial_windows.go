package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/windowstpm"
	"github.com/google/go-tpm/tpmutil/tbs"
)

// dialSystem opens the TPM Base Services, Windows' resource manager. Without
// the service, without a TPM or with a TPM 1.2 there is none for us.
func dialSystem() (transport.TPMCloser, error) {
	t, err := windowstpm.Open()
	if err != nil {
		return nil, tbsError(err)
	}
	return baseServices{t}, nil
}

// baseServices gives the services' refusals this package's meaning.
type baseServices struct{ transport.TPMCloser }

// Send implements transport.TPM.
func (b baseServices) Send(command []byte) ([]byte, error) {
	response, err := b.TPMCloser.Send(command)
	if err != nil {
		return nil, tbsError(err)
	}
	return response, nil
}

// commandBlocked is TPM_E_COMMAND_BLOCKED: the services let this user not send
// this command, as defining an NV index.
const commandBlocked tbs.Error = 0x80280400

// tbsError adds what a caller tells apart. What says nothing else is taken for
// a missing TPM, as the services answer in many ways when there is none.
func tbsError(err error) error {
	var refusal tbs.Error
	meaning := ErrMissing
	if errors.As(err, &refusal) {
		switch refusal {
		case tbs.ErrAccessDenied:
			meaning = ErrPermission
		case commandBlocked:
			meaning = ErrHierarchy
		case tbs.ErrServiceStartPending, tbs.ErrTooManyTBSContexts, tbs.ErrTooManyResources, tbs.ErrCommandCanceled:
			meaning = ErrBusy
		}
	}
	return fmt.Errorf("%w: %w", meaning, err)
}
