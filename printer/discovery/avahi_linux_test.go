package discovery

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// alone makes the test binary look from inside a network of its own, where
// nobody but a real printer under a real avahi is.
const alone = "look-alone"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == alone {
		if err := lookAlone(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestFindsARealPrinter(t *testing.T) {
	words := []string{"--mount", "--net", "--pid", "--fork", "--kill-child"}
	if os.Geteuid() != 0 {
		words = append(words, "--user", "--map-root-user")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "unshare", append(words, os.Args[0], alone, t.TempDir())...)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var found []Found
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		t.Fatalf("%v: %q", err, out.String())
	}
	if len(found) != 1 {
		t.Fatalf("found %+v, want the one printer, once for both of its services", found)
	}
	f := found[0]
	if f.Name != "Press B (2nd floor)" || f.URI != "ipps://127.0.0.1:8631/ipp/print" || f.Model != "Example Printer" || !uuidForm.MatchString(f.UUID[len("urn:uuid:"):]) {
		t.Errorf("found %+v", f)
	}
}

// lookAlone starts a bus, avahi and a printer, and writes what is found.
func lookAlone(dir string) (err error) {
	if err := raiseLoopback(); err != nil {
		return err
	}
	const run = "/run/avahi-daemon" // its place is fixed
	if err := errors.Join(os.MkdirAll(run, 0o755), unix.Mount("none", run, "tmpfs", 0, "")); err != nil {
		return err
	}
	bus := filepath.Join(dir, "bus")
	config := `<busconfig><type>system</type><listen>unix:path=` + bus + `</listen><auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>` +
		`<allow send_type="method_call"/><allow send_type="method_return"/><allow send_type="error"/><allow send_type="signal"/>` +
		`<allow receive_type="method_call"/><allow receive_type="method_return"/><allow receive_type="error"/><allow receive_type="signal"/></policy></busconfig>`
	err = errors.Join(
		os.WriteFile(filepath.Join(dir, "bus.conf"), []byte(config), 0o600),
		os.WriteFile(filepath.Join(dir, "avahi.conf"), []byte("[server]\nuse-ipv6=no\nhost-name=pressroom\n"), 0o600),
		os.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+bus))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, step := range []struct {
		ready string // a file that is there when the next may start
		argv  []string
	}{
		{bus, []string{"dbus-daemon", "--config-file=" + filepath.Join(dir, "bus.conf"), "--nofork", "--nopidfile"}},
		{run + "/socket", []string{"avahi-daemon", "--no-drop-root", "--no-chroot", "--no-rlimits", "-f", filepath.Join(dir, "avahi.conf")}},
		{dir, []string{"ippeveprinter", "-n", "localhost", "-p", "8631", "-d", dir, "-K", dir, "-c", "/bin/true", "Press B (2nd floor)"}},
	} {
		if err := start(ctx, step.ready, step.argv); err != nil {
			return err
		}
	}
	for ctx.Err() == nil {
		nameless := func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }
		found, err := Find(ctx, Config{Time: time.Second, Resolve: nameless})
		if err != nil {
			return err
		}
		if len(found) > 0 {
			return json.NewEncoder(os.Stdout).Encode(found)
		}
	}
	return errors.New("nothing was found")
}

// start starts a program, which ends with this process, and waits for its file.
func start(ctx context.Context, ready string, argv []string) error {
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return err
	}
	for ctx.Err() == nil {
		if _, err := os.Stat(ready); err == nil {
			return nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return fmt.Errorf("%s: %w", argv[0], ctx.Err())
}

func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return errors.Join(err, unix.Close(fd))
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return errors.Join(unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request), unix.Close(fd))
}
