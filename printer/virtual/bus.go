package virtual

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// busConfig lets everybody who reaches the socket, which lies in a folder of
// ours, do everything.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_type="method_call"/>
    <allow send_type="method_return"/>
    <allow send_type="error"/>
    <allow send_type="signal"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
  </policy>
</busconfig>
`

func busSocket(state string) string  { return filepath.Join(state, "bus") }
func busAddress(state string) string { return "unix:path=" + busSocket(state) }

// startBus starts a private bus in place of the system's.
func startBus(ctx context.Context, state string, log *logBuffer) (*child, error) {
	file := filepath.Join(state, "bus.conf")
	if err := os.WriteFile(file, fmt.Appendf(nil, busConfig, busAddress(state)), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("dbus-daemon", "--config-file="+file, "--nofork", "--nopidfile")
	cmd.Stderr = log
	bus, err := startChild(cmd)
	if err != nil {
		return nil, err
	}
	ready := func() bool {
		_, err := os.Stat(busSocket(state))
		return err == nil
	}
	if err := waitFor(ctx, bus, ready); err != nil {
		return nil, errors.Join(fmt.Errorf("dbus-daemon: %w (%s)", err, log.tail()), bus.stop())
	}
	return bus, nil
}

// waitFor waits until a child is ready.
func waitFor(ctx context.Context, c *child, ready func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() != nil || !ready() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-c.done:
			return errors.New("ended while starting")
		case <-tick.C:
		}
	}
	return nil
}
