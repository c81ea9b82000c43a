package swtpm

import (
	"time"

	"github.com/google/go-tpm/tpm2/transport"
)

// Slow wraps a transport so that each command that slow picks takes delay
// longer: a software TPM answers in a millisecond where a real one takes a
// quarter of a second.
func Slow(t transport.TPMCloser, delay time.Duration, slow func(command []byte) bool) transport.TPMCloser {
	return &slowed{TPMCloser: t, delay: delay, slow: slow}
}

type slowed struct {
	transport.TPMCloser
	delay time.Duration
	slow  func([]byte) bool
}

// Send implements transport.TPM.
func (s *slowed) Send(command []byte) ([]byte, error) {
	if s.slow(command) {
		time.Sleep(s.delay)
	}
	return s.TPMCloser.Send(command)
}
