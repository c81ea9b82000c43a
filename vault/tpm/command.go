package tpm

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// cpHash is a command's hash: its code, the names of its handles, its
// parameters as they are sent (TPM 2.0 part 1, 16.7).
func cpHash(code tpm2.TPMCC, names []Name, parameters []byte) []byte {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(code)))
	for _, name := range names {
		h.Write(name)
	}
	h.Write(parameters)
	return h.Sum(nil)
}

// rpHash is a response's hash (part 1, 16.8).
func rpHash(rc tpm2.TPMRC, code tpm2.TPMCC, parameters []byte) []byte {
	h := sha256.New()
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(rc)))
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(code)))
	h.Write(parameters)
	return h.Sum(nil)
}

// sized is a sized buffer, a TPM2B.
func sized(b []byte) []byte {
	out := make([]byte, 2, 2+len(b))
	binary.BigEndian.PutUint16(out, uint16(len(b)))
	return append(out, b...)
}

// nvChangeAuth is TPM2_NV_ChangeAuth (TPM 2.0 part 3, 31.15), which go-tpm has
// not: the index gets the authValue in sealed, a TPM2B_AUTH that the last of
// the sessions has encrypted. The first session authorises.
func nvChangeAuth(t transport.TPM, index tpm2.NamedHandle, sealed []byte, sessions ...*session) error {
	const code = tpm2.TPMCCNVChangeAuth
	names := []tpm2.TPM2BName{index.Name}
	var authorizations []byte
	for i, s := range sessions {
		if err := s.NewNonceCaller(); err != nil {
			return err
		}
		var addNonces []byte
		if i == 0 && len(sessions) > 1 {
			addNonces = sessions[1].nonceTPM
		}
		auth, err := s.Authorize(code, sealed, addNonces, names, i)
		if err != nil {
			return err
		}
		authorizations = append(authorizations, tpm2.Marshal(*auth)...)
	}
	command := binary.BigEndian.AppendUint16(nil, uint16(tpm2.TPMSTSessions))
	command = binary.BigEndian.AppendUint32(command, uint32(headerSize+4+4+len(authorizations)+len(sealed)))
	command = binary.BigEndian.AppendUint32(command, uint32(code))
	command = binary.BigEndian.AppendUint32(command, uint32(index.Handle))
	command = binary.BigEndian.AppendUint32(command, uint32(len(authorizations)))
	command = append(append(command, authorizations...), sealed...)
	response, err := t.Send(command)
	if err != nil {
		return err
	}
	return validate(response, code, names, sessions)
}

// headerSize is that of commands and responses: tag, size, code.
const headerSize = 10

var errResponse = errors.New("the TPM's response is malformed")

// validate reads a response without handles and parameters: its code, and what
// each session says to it.
func validate(response []byte, code tpm2.TPMCC, names []tpm2.TPM2BName, sessions []*session) error {
	if len(response) < headerSize {
		return fmt.Errorf("%w: %d bytes", errResponse, len(response))
	}
	if rc := tpm2.TPMRC(binary.BigEndian.Uint32(response[6:])); rc != tpm2.TPMRCSuccess {
		return rc
	}
	rest := response[headerSize:]
	if len(rest) < 4 || binary.BigEndian.Uint32(rest) != 0 {
		return fmt.Errorf("%w: parameters", errResponse)
	}
	rest = rest[4:]
	for i, s := range sessions {
		var auth tpm2.TPMSAuthResponse
		var ok bool
		if auth, rest, ok = readAuth(rest); !ok {
			return fmt.Errorf("%w: session %d", errResponse, i)
		}
		if err := s.Validate(tpm2.TPMRCSuccess, code, nil, names, i, &auth); err != nil {
			return err
		}
	}
	if len(rest) > 0 {
		return fmt.Errorf("%w: %d bytes more", errResponse, len(rest))
	}
	return nil
}

// readAuth reads one session's TPMS_AUTH_RESPONSE.
func readAuth(b []byte) (auth tpm2.TPMSAuthResponse, rest []byte, ok bool) {
	if auth.Nonce.Buffer, b, ok = readSized(b); !ok || len(b) < 1 {
		return auth, nil, false
	}
	attributes, err := tpm2.Unmarshal[tpm2.TPMASession](b[:1])
	if err != nil {
		return auth, nil, false
	}
	auth.Attributes = *attributes
	auth.Authorization.Buffer, rest, ok = readSized(b[1:])
	return auth, rest, ok
}

func readSized(b []byte) (content, rest []byte, ok bool) {
	if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
		return nil, nil, false
	}
	end := 2 + int(binary.BigEndian.Uint16(b))
	return b[2:end], b[end:], true
}
