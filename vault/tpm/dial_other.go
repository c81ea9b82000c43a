//go:build !linux && !windows

package tpm

import "github.com/google/go-tpm/tpm2/transport"

// dialSystem: there is no TPM on this system; documents are not opened on it.
func dialSystem() (transport.TPMCloser, error) { return nil, ErrMissing }
