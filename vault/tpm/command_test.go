package tpm

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/google/go-tpm/tpm2"
)

// answer is a response without parameters, with these sessions' areas.
func answer(areas ...[]byte) []byte {
	body := append(make([]byte, 4), bytes.Join(areas, nil)...)
	header := binary.BigEndian.AppendUint16(nil, uint16(tpm2.TPMSTSessions))
	header = binary.BigEndian.AppendUint32(header, uint32(headerSize+len(body)))
	return append(binary.BigEndian.AppendUint32(header, 0), body...)
}

// area is what a session that shares key answers.
func area(key []byte, nonce, caller []byte) []byte {
	s := session{key: key, attributes: tpm2.TPMASession{ContinueSession: true}}
	mac := s.mac(s.attributes, rpHash(0, tpm2.TPMCCNVChangeAuth, nil), nonce, caller, nil)
	return append(append(sized(nonce), 1), sized(mac)...)
}

// Only the one right answer is taken, whole, from who has the session's key.
func FuzzResponse(f *testing.F) {
	key, nonce, caller := []byte("key"), bytes.Repeat([]byte{1}, nonceSize), bytes.Repeat([]byte{2}, nonceSize)
	good := answer(area(key, nonce, caller))
	f.Add(good)
	f.Add(append(bytes.Clone(good), 0))
	f.Add(good[:len(good)-1])
	f.Add(answer(area([]byte("other"), nonce, caller)))
	f.Add(answer(area(key, nonce, caller), area(key, nonce, caller)))
	f.Add(answer())
	f.Add([]byte{0x80, 1, 0, 0, 0, 10, 0, 0, 9, 0xa2})
	f.Fuzz(func(t *testing.T, response []byte) {
		s := &session{key: key, nonceCaller: caller}
		err := validate(response, tpm2.TPMCCNVChangeAuth, nil, []*session{s})
		if err == nil && !bytes.Equal(response[headerSize:], good[headerSize:]) {
			t.Fatalf("taken: %x", response)
		}
		if bytes.Equal(response, good) && err != nil {
			t.Fatal(err)
		}
	})
}

func TestResponses(t *testing.T) {
	key, nonce, caller := []byte("key"), bytes.Repeat([]byte{1}, nonceSize), bytes.Repeat([]byte{2}, nonceSize)
	good := answer(area(key, nonce, caller))
	try := func(response []byte) error {
		return validate(response, tpm2.TPMCCNVChangeAuth, nil, []*session{{key: key, nonceCaller: caller}})
	}
	if err := try(good); err != nil {
		t.Fatal(err)
	}
	for n := range good {
		if err := try(good[:n]); !errors.Is(err, errResponse) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if n < headerSize {
			continue
		}
		flipped := bytes.Clone(good)
		flipped[n] ^= 1
		if try(flipped) == nil {
			t.Errorf("byte %d flipped is taken", n)
		}
	}
	if err := try(append(bytes.Clone(good), 0)); !errors.Is(err, errResponse) {
		t.Errorf("a byte more: %v", err)
	}
	if err := try([]byte{0x80, 1, 0, 0, 0, 10, 0, 0, 9, 0xa2}); !errors.Is(err, tpm2.TPMRCBadAuth) {
		t.Errorf("a refusal: %v", err)
	}
}
