package tpm

import (
	"github.com/google/go-tpm/tpm2/transport"
)

// ForgetPIN removes a slot's index, of a person who left; nil when there is
// none. It takes the owner's empty password, else ErrHierarchy.
func (k *Keys) ForgetPIN(slot int) error {
	return k.device.sequence("forget PIN", func(t transport.TPM) error {
		want, err := slotIndex(k.policy, k.kind, slot)
		if err != nil {
			return err
		}
		have, err := readIndex(t, want.NVIndex)
		if err != nil || have == nil {
			return err
		}
		return undefineIndex(t, *have, nil)
	})
}
