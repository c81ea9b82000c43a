//go:build !windows

package tpm

import "github.com/google/go-tpm/tpm2"

// hierarchyPassword is a hierarchy's password: empty, unless an administrator
// gave it one that only they know.
func hierarchyPassword(tpm2.TPMHandle) ([]byte, error) { return nil, nil }
