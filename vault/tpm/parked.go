package tpm

import (
	"errors"
	"fmt"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// parked is a session that waits outside of the TPM's few slots, saved as a
// context. Where a resource manager does not let sessions be saved, it does so
// itself, and the session stays with it.
type parked struct {
	session *session
	saved   *tpm2.TPMSContext // nil: loaded, or with the resource manager
}

// park starts a session and saves it.
func park(t transport.TPM, kind tpm2.TPMSE, salted *root, dir direction) (*parked, error) {
	s, err := startSession(t, kind, salted, dir)
	if err != nil {
		return nil, err
	}
	p := &parked{session: s}
	if rsp, err := (tpm2.ContextSave{SaveHandle: s.handle}).Execute(t); err == nil {
		p.saved = &rsp.Context
	}
	return p, nil
}

// resume loads the session.
func (p *parked) resume(t transport.TPM) (*session, error) {
	if p.saved == nil {
		return p.session, nil
	}
	rsp, err := tpm2.ContextLoad{Context: *p.saved}.Execute(t)
	if err != nil {
		return nil, fmt.Errorf("resume the session: %w", err)
	}
	p.saved, p.session.handle = nil, rsp.LoadedHandle
	return p.session, nil
}

// end ends the session, loaded or saved; the TPM may have done so already.
func (p *parked) end(t transport.TPM) {
	_, _ = tpm2.FlushContext{FlushHandle: p.session.handle}.Execute(t)
	p.session.forget()
}

// requestError: what the TPM refuses of a request that central has signed is
// the request's fault: its sessions are gone, or the index is another now.
func requestError(err error) error {
	var code tpm2.TPMRC
	if errors.As(err, &code) && (!code.IsWarning() || errors.Is(err, tpm2.TPMRCReferenceH0)) {
		return fmt.Errorf("%w: %w", ErrPINRequest, err)
	}
	return err
}
