package enrolment

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/tpm"
)

// Fault 17: a TPM that is missing, not permitted or busy, and (15) one that was
// cleared, are four different things to whoever has to do something about it.
func TestTPMFaultsAreToldApart(t *testing.T) {
	r := newRoom(t)
	id, _ := r.enrolled(t)
	path := strings.TrimPrefix(r.chip.Endpoint(), "unix:")
	opened := func(endpoint string) error {
		d, err := tpm.Open(endpoint, tpm.WithTimeout(200*time.Millisecond))
		if err == nil {
			_, err = d.Load(id.Keys)
			noError(t, d.Close())
		}
		return err
	}
	want := func(what string, err error, code station.FaultCode) {
		t.Helper()
		var f *station.Fault
		if !errors.As(station.Explain(err), &f) || f.Code != code {
			t.Errorf("%s: %v, want %q", what, err, code)
		}
	}
	noError(t, opened(r.chip.Endpoint()))
	want("missing", opened("unix:"+filepath.Join(t.TempDir(), "none")), station.TPMMissing)

	holder, err := net.Dial("unix", path)
	noError(t, err)
	time.Sleep(20 * time.Millisecond) // until the TPM has taken the connection
	want("busy", opened(r.chip.Endpoint()), station.TPMBusy)
	noError(t, holder.Close())

	noError(t, os.Chmod(path, 0))
	refused := make(chan error)
	go func() {
		// The thread stays locked, so it ends with this goroutine and takes its
		// identity with it: root's would open any socket.
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			if _, err := unix.SetfsuidRetUid(65534); err != nil {
				t.Error(err)
			}
		}
		refused <- opened(r.chip.Endpoint())
	}()
	want("not permitted", <-refused, station.TPMPermission)
	noError(t, os.Chmod(path, 0o600))

	clearTPM(t, r.chip.Endpoint())
	want("cleared", opened(r.chip.Endpoint()), station.TPMCleared)
}
