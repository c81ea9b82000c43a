package tpm

import (
	"github.com/google/go-tpm/tpm2/transport"
	"github.com/google/go-tpm/tpm2/transport/linuxtpm"
)

// systemDevice is the kernel's resource manager, which swaps our objects and
// sessions against other programs'; access is by the group tss.
const systemDevice = "/dev/tpmrm0"

func dialSystem() (transport.TPMCloser, error) { return linuxtpm.Open(systemDevice) }
