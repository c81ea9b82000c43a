package virtual

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, o Options) *Printer {
	t.Helper()
	p, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("printer's log:\n%s", p.log.tail())
		}
	})
	return p
}

// TestConformance has CUPS's own tool ask the printer over both transports.
func TestConformance(t *testing.T) {
	p := start(t, Options{TLS: true, Duplex: true, Colour: true})
	for _, uri := range []string{p.URI(), p.PlainURI()} {
		out, err := exec.Command("ipptool", "-tv", uri, "get-printer-attributes.test").CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("[PASS]")) {
			t.Errorf("%s: %v\n%s", uri, err, out)
		}
		for _, want := range []string{"300dpi", "two-sided-long-edge", "srgb_8", "iso_a4_210x297mm", "image/pwg-raster"} {
			if !bytes.Contains(out, []byte(want)) {
				t.Errorf("%s: no %s", uri, want)
			}
		}
	}
}

func TestStopLeavesNothing(t *testing.T) {
	p, err := Start(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	addr, state := p.Addr(), p.state
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		t.Error("the port is still open", conn.Close())
	}
	if left := running(state); left != "" {
		t.Errorf("still running:\n%s", left)
	}
	if err := p.Stop(); err != nil {
		t.Errorf("stopped twice: %v", err)
	}
}

func TestOnLoopbackOnly(t *testing.T) {
	p := start(t, Options{})
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(p.Addr(), ":")
	for _, a := range addrs {
		ip, _, err := net.ParseCIDR(a.String())
		if err != nil || ip.IsLoopback() || ip.To4() == nil {
			continue
		}
		conn, err := net.DialTimeout("tcp", net.JoinHostPort(ip.String(), port), time.Second)
		if err == nil {
			t.Errorf("listens on %s: %v", ip, conn.Close())
		}
	}
}

func TestStartFails(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if p, err := Start(ctx, Options{}); err == nil {
		t.Error("started", p.Stop())
	}
	if p, err := Start(t.Context(), Options{Media: []string{"no size"}}); err == nil {
		t.Error("started", p.Stop())
	}
}
