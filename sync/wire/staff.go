package wire

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
)

// ErrStaffSignature: a staff list that the room authority did not sign, or signed for another station.
var ErrStaffSignature = errors.New("staff list not signed by the room authority for this station")

// StaffDigest is what the room authority signs of a staff list's exact text.
func StaffDigest(staff string) [32]byte {
	return sha256.Sum256([]byte("bjet24 staff v1\n" + staff))
}

// Open verifies the list with the room authority's key, checks that it was made for this station and
// returns it.
func (s SignedStaff) Open(authority *ecdsa.PublicKey, station StationID) (Staff, error) {
	digest := StaffDigest(s.Staff)
	if !ecdsa.VerifyASN1(authority, digest[:], s.Signature) {
		return Staff{}, ErrStaffSignature
	}
	var staff Staff
	if err := DecodeAnswer(strings.NewReader(s.Staff), MaxAnswer, &staff); err != nil {
		return Staff{}, fmt.Errorf("staff list: %w", err)
	}
	if staff.Station != station {
		return Staff{}, fmt.Errorf("%w: it is for %q", ErrStaffSignature, staff.Station)
	}
	if len(staff.People) > MaxPeople {
		return Staff{}, fmt.Errorf("staff list: %d people, at most %d", len(staff.People), MaxPeople)
	}
	return staff, nil
}
