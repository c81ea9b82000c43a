// Package tpm keeps a station's three keys in its TPM 2.0: K_doc opens claim
// keys when a person gives their PIN, K_log signs journal checkpoints and K_tls
// is the client certificate's key. The package also holds the authority's side,
// which is pure software: checking the keys' public areas, making challenges
// that only the TPM they are in can answer, approving people's slots and
// letting PINs be set.
//
// A person's PIN is in a slot of the TPM, an NV index that counts wrong tries;
// K_doc is used by whatever the authority's policy key approves, which is one
// slot's PIN at a time. So people come and go without K_doc being made anew,
// and a PIN is set only with the authority's leave, for one session of one TPM.
//
// Every command that uses a key runs in an HMAC session salted to the storage
// root key, whose name the KeySet pins, with its first parameters encrypted,
// so that neither the PIN nor a shared secret crosses the bus in clear. What
// is not held against: a TPM that is replaced by an active imitation on the
// bus before the keys are made. Enrolment, which proves the keys with the
// endorsement certificate, notices that.
package tpm

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/go-tpm/tpm2"
	"github.com/google/go-tpm/tpm2/transport"
)

// Device is one open TPM. It is safe for concurrent use: a mutex lets one
// sequence of commands (load, session, use, flush) run at a time, callers
// queue for it, and between two sequences nothing of ours is loaded. The
// slots that a TPM without resource manager has (three, in swtpm) therefore
// suffice, whatever the number of callers.
type Device struct {
	mu      sync.Mutex // held for a whole command sequence
	counter *counter   // the transport; Send only with mu held
	closed  bool       // guarded by mu
}

// Option changes how a device is opened; for benchmarks and tests.
type Option func(*options)

type options struct {
	transport transport.TPMCloser
	timeout   time.Duration
}

// WithTransport has the device send its commands through t, which it then
// owns, and not dial its endpoint. A recorder or a delay wraps what Dial gives.
func WithTransport(t transport.TPMCloser) Option {
	return func(o *options) { o.transport = t }
}

// WithTimeout is how long a command on a socket may take until the TPM is
// called busy (DefaultTimeout if not given). A TPM device has the kernel's
// own time limits.
func WithTimeout(d time.Duration) Option {
	return func(o *options) { o.timeout = d }
}

// Open opens a TPM 2.0: the system's for "" (the kernel's resource manager
// /dev/tpmrm0 on Linux, TBS on Windows), the one on a socket for "unix:/path".
// It asks the TPM one question, so that a device that cannot be used is an
// error here: ErrMissing, ErrPermission or ErrBusy.
func Open(endpoint string, opts ...Option) (*Device, error) {
	o := options{timeout: DefaultTimeout}
	for _, opt := range opts {
		opt(&o)
	}
	if o.transport == nil {
		t, err := dial(endpoint, o.timeout)
		if err != nil {
			return nil, fmt.Errorf("tpm: open: %w", classify(err))
		}
		o.transport = t
	}
	d := &Device{counter: &counter{inner: o.transport}}
	err := d.sequence("open", func(t transport.TPM) error {
		_, err := properties(t, tpm2.TPMPTManufacturer, 1)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close waits for the sequence in progress and closes the transport. What is
// asked of the device afterwards answers ErrClosed. Safe twice.
func (d *Device) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil
	}
	d.closed = true
	if err := d.counter.inner.Close(); err != nil {
		return fmt.Errorf("tpm: close: %w", err)
	}
	return nil
}

// Operations is how often each kind of command was sent since Open. It does
// not wait for the device.
func (d *Device) Operations() Operations { return d.counter.operations() }

// sequence runs f with the device to itself and gives its errors their
// meaning. f leaves nothing loaded in the TPM.
func (d *Device) sequence(what string, f func(transport.TPM) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return fmt.Errorf("tpm: %s: %w", what, ErrClosed)
	}
	err := f(d.counter)
	if err == nil {
		return nil
	}
	if errors.Is(err, tpm2.TPMRCLockout) {
		err = lockedError(d.counter, err)
	}
	return fmt.Errorf("tpm: %s: %w", what, classify(err))
}

// flush unloads a transient object or ends a session, and adds its own
// failure to what *err holds: a deferred flush hides neither.
func flush(t transport.TPM, handle tpm2.TPMHandle, err *error) {
	if _, flushErr := (tpm2.FlushContext{FlushHandle: handle}).Execute(t); flushErr != nil {
		*err = errors.Join(*err, fmt.Errorf("flush %#x: %w", uint32(handle), flushErr))
	}
}

// properties reads count TPM properties from first on (TPM 2.0 part 2, 6.13).
func properties(t transport.TPM, first tpm2.TPMPT, count uint32) (map[tpm2.TPMPT]uint32, error) {
	rsp, err := tpm2.GetCapability{
		Capability:    tpm2.TPMCapTPMProperties,
		Property:      uint32(first),
		PropertyCount: count,
	}.Execute(t)
	if err != nil {
		return nil, fmt.Errorf("read properties: %w", err)
	}
	list, err := rsp.CapabilityData.Data.TPMProperties()
	if err != nil {
		return nil, fmt.Errorf("read properties: %w", err)
	}
	values := make(map[tpm2.TPMPT]uint32, len(list.TPMProperty))
	for _, p := range list.TPMProperty {
		values[p.Property] = p.Value
	}
	return values, nil
}
