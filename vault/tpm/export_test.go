package tpm

import "crypto/ecdsa"

// What tests outside of the package build on.
var (
	TPMSignature = tpmSignature
	PolicyArea   = policyArea
)

// WriteHashes are those of the writes that central may sign, to a slot that
// was not written yet and to one that was.
func WriteHashes(policy *ecdsa.PublicKey, kind PINKind, slot int) (hashes [2][]byte, err error) {
	public, err := slotIndex(policy, kind, slot)
	if err != nil {
		return hashes, err
	}
	for i, written := range []bool{false, true} {
		name, err := indexName(public, written)
		if err != nil {
			return hashes, err
		}
		hashes[i] = writeHash(name)
	}
	return hashes, nil
}
