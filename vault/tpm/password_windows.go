package tpm

import (
	"errors"
	"fmt"
	"unsafe"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpmutil/tbs"
	"golang.org/x/sys/windows"
)

// hierarchyPassword is the password that Windows gave a hierarchy when it took
// the TPM, as far as it keeps it and this user may have it; empty otherwise
// (Tbsi_Get_OwnerAuth).
func hierarchyPassword(hierarchy tpm2.TPMHandle) (password []byte, err error) {
	const endorsement, storage = 12, 13 // TBS_OWNERAUTH_TYPE_…_20
	kind := uintptr(storage)
	if hierarchy == tpm2.TPMRHEndorsement {
		kind = endorsement
	}
	call := windows.NewLazySystemDLL("Tbs.dll").NewProc("Tbsi_Get_OwnerAuth")
	if err := call.Find(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMissing, err)
	}
	context, err := tbs.CreateContext(tbs.TPMVersion20, tbs.IncludeTPM20)
	if err != nil {
		return nil, tbsError(err)
	}
	defer func() { err = errors.Join(err, context.Close()) }()
	buffer := make([]byte, 64)
	size := uint32(len(buffer))
	result, _, _ := call.Call(uintptr(context), kind,
		uintptr(unsafe.Pointer(unsafe.SliceData(buffer))), uintptr(unsafe.Pointer(&size)))
	switch refusal := tbs.Error(result); {
	case refusal == tbs.ErrOwnerauthNotFound, refusal == tbs.ErrAccessDenied:
		return nil, nil
	case result != 0:
		return nil, tbsError(refusal)
	case int(size) > len(buffer):
		return nil, fmt.Errorf("a hierarchy's password of %d bytes", size)
	}
	return buffer[:size], nil
}
