package station

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"io"
	"math/big"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/vault/store"
)

// renewing stands for printers at one address and shows a certificate of its own, which can be renewed.
type renewing struct {
	t       *testing.T
	l       net.Listener
	done    sync.WaitGroup
	mu      sync.Mutex
	shown   tls.Certificate
	backend string
}

func startRenewing(t *testing.T, p *virtual.Printer) *renewing {
	t.Helper()
	r := &renewing{t: t}
	r.renew()
	r.behind(p)
	var err error
	if r.l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	r.done.Go(r.accept)
	t.Cleanup(func() {
		if err := r.l.Close(); err != nil {
			t.Error(err)
		}
		r.done.Wait()
	})
	return r
}

// renew makes the certificate that is shown from now on, and gives its pin.
func (r *renewing) renew() [32]byte {
	r.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "press"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		r.t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
	return ipp.Pin(leaf)
}

func (r *renewing) behind(p *virtual.Printer) {
	u, err := url.Parse(p.URI())
	if err != nil {
		r.t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.backend = u.Host
}

func (r *renewing) uri() string { return "ipps://" + r.l.Addr().String() + "/ipp/print" }

func (r *renewing) accept() {
	for {
		conn, err := r.l.Accept()
		if err != nil {
			return
		}
		r.done.Go(func() { r.pass(conn) })
	}
}

// pass carries a connection until either side ends it.
func (r *renewing) pass(conn net.Conn) {
	r.mu.Lock()
	front := tls.Server(conn, &tls.Config{Certificates: []tls.Certificate{r.shown}})
	backend := r.backend
	r.mu.Unlock()
	defer func() { _ = front.Close() }()
	if front.Handshake() != nil {
		return // its certificate was refused
	}
	back, err := tls.Dial("tcp", backend, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		return
	}
	var one sync.WaitGroup
	one.Go(func() {
		_, _ = io.Copy(back, front)
		_ = back.Close()
	})
	_, _ = io.Copy(front, back)
	_ = front.Close()
	one.Wait()
}

// A printer renews its certificate: nothing goes there until an admin has
// compared and accepted the new one, and only the new one then.
func TestRenewedCertificateIsAccepted(t *testing.T) {
	r := realRoom(t)
	real := startPrinter(t, virtual.Options{Name: "A"})
	front := startRenewing(t, real)
	probe, err := r.ProbePrinter(t.Context(), front.uri())
	r.check(err)
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "A", URI: front.uri(), Pin: probe.Pin}))
	id := r.Snapshot().Printers[1].ID
	r.check(r.ChoosePrinter(t.Context(), id))
	r.check(r.TestSheet(t.Context(), id))
	tested := r.Snapshot().Printers[1].TestedAt

	pin := front.renew()
	wantFault(t, r.TestSheet(t.Context(), id), Certificate)
	seen, err := r.ProbeRepin(t.Context(), id)
	r.check(err)
	front.mu.Lock()
	fingerprint := sha256.Sum256(front.shown.Certificate[0])
	front.mu.Unlock()
	if seen.Old != probe.Pin || seen.Now.Pin != pin || seen.Now.Fingerprint != fingerprint || !seen.Known || seen.Name != "A" || seen.Now.Model == "" {
		t.Errorf("it shows %+v", seen)
	}
	wantFault(t, r.TestSheet(t.Context(), id), Certificate) // looking accepts nothing
	wantFault(t, r.RepinPrinter(t.Context(), id, [32]byte{1}), Certificate)
	later := front.renew() // somebody else's, between the look and the word
	wantFault(t, r.RepinPrinter(t.Context(), id, pin), Certificate)
	r.check(r.RepinPrinter(t.Context(), id, later))
	r.check(r.TestSheet(t.Context(), id))
	if p := r.Snapshot().Printers; len(p) != 2 || p[1].ID != id || p[1].Pin != later || !p[1].Chosen || p[1].TestedAt.Before(tested) {
		t.Errorf("the printer is %+v", p)
	}

	// Another device with a certificate of its own at the same address is not the printer.
	other := startPrinter(t, virtual.Options{Name: "B"})
	front.behind(other)
	wantFault(t, r.RepinPrinter(t.Context(), id, front.renew()), PrinterAddress)
	if _, err := r.ProbeRepin(t.Context(), id); code(err) != PrinterAddress {
		t.Errorf("another device: %v", err)
	}
	if got := r.Snapshot().Printers[1].Pin; got != later || len(other.Printed()) != 0 {
		t.Errorf("another device was accepted: %x", got)
	}
}

// A letter on its way to the printer holds nothing up: it stays so, and the
// printer is asked for it under its new certificate.
func TestLettersOutliveARenewal(t *testing.T) {
	const secure = "ipps://press.local:631/ipp/print"
	r := newRoom(t)
	p := newFakePrinter()
	p.uuid, r.others[secure] = "urn:uuid:3", p
	r.as("admin")
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "C", URI: secure, Pin: [32]byte{1}}))
	id := r.Snapshot().Printers[1].ID
	r.check(r.ChoosePrinter(t.Context(), id))
	r.as("operator")
	ids := r.pay("PAGES 2")
	r.killAt(store.Sent, ids)
	p.off = true // nobody speaks to it under the old certificate
	if err := r.Recover(t.Context()); code(err) != PrinterOff && err != nil {
		t.Error(err)
	}
	if got := r.state(ids[0]); got != store.Sent {
		t.Fatalf("the letter is %s", got)
	}
	p.off = false
	r.as("admin")
	r.check(r.RepinPrinter(t.Context(), id, [32]byte{2}))
	r.check(r.Recover(t.Context()))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("the letter is %s", got)
	}
	kept, err := r.kept.Printers(t.Context())
	if r.check(err); len(kept) != 2 || [32]byte(kept[1].Pin) != [32]byte{2} {
		t.Errorf("kept are %+v", kept)
	}
	if done, _ := configured(t, r); done[eva] != 3 { // added, chosen, repinned
		t.Errorf("the journal has %v", done)
	}
	p.uuid = "urn:uuid:4"
	wantFault(t, r.RepinPrinter(t.Context(), id, [32]byte{3}), PrinterAddress)
}

func TestRepinRefuses(t *testing.T) {
	const secure = "ipps://press.local:631/ipp/print"
	r, plain, id := withSecond(t)
	p := newFakePrinter()
	r.others[secure] = p
	r.as("admin")
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "C", URI: secure, Pin: [32]byte{1}}))
	third := r.Snapshot().Printers[2].ID
	for _, unknown := range []string{"", "printer-7", id} { // the last one's address shows no certificate
		wantFault(t, r.RepinPrinter(t.Context(), unknown, [32]byte{1}), PrinterAddress)
		_, err := r.ProbeRepin(t.Context(), unknown)
		wantFault(t, err, PrinterAddress)
	}
	r.cfg.PrinterPin, r.cfg.PrinterFile = [32]byte{0xab}, "/etc/printroom/settings.toml"
	r.printers[0].setup.Pin = r.cfg.PrinterPin
	err := r.RepinPrinter(t.Context(), FixedPrinter, [32]byte{1})
	wantFault(t, err, NotPermitted)
	for _, word := range []string{r.cfg.PrinterFile, "printer.pin", hex.EncodeToString(r.cfg.PrinterPin[:])} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not say %s", err, word)
		}
	}
	_, err = r.ProbeRepin(t.Context(), FixedPrinter)
	wantFault(t, err, NotPermitted)
	var during error
	plain.during = func() {
		plain.during = nil
		plain.mu.Unlock()
		defer plain.mu.Lock()
		during = r.RepinPrinter(context.Background(), third, [32]byte{2})
	}
	r.check(r.TestSheet(t.Context(), id))
	wantFault(t, during, BatchRunning)
	for _, who := range []string{"operator", "supervisor"} {
		r.as(who)
		wantFault(t, r.RepinPrinter(t.Context(), third, [32]byte{2}), NotPermitted)
		_, err := r.ProbeRepin(t.Context(), third)
		wantFault(t, err, NotPermitted)
	}
	if got := r.Snapshot().Printers[2].Pin; got != [32]byte{1} {
		t.Errorf("the pin is %x", got)
	}
}
