package tpm

import "crypto/ecdsa"

// What tests outside of the package build on.
var (
	TPMSignature = tpmSignature
	PolicyArea   = policyArea
)

// Branches are the policies of which one lets a slot be changed.
func Branches(policy *ecdsa.PublicKey, slot int) (branches [][]byte, err error) {
	name, err := policyName(policy)
	if err != nil {
		return nil, err
	}
	for _, b := range slotBranches(name, slot).list() {
		branches = append(branches, b[:])
	}
	return branches, nil
}

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
