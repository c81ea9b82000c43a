// Package virtual runs a real IPP printer for tests and the demo room: CUPS's
// ippeveprinter, on loopback, with what it prints kept as files; and a proxy
// in front of a printer that breaks what passes. It is never in the product.
//
// ippeveprinter wants a system bus even when it registers nothing with
// DNS-SD, so each printer has a private dbus-daemon of its own. Every process
// started here ends with Stop, or with the program if that dies.
package virtual

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/ipp"
)

// Options say what the printer is. Zero values give a printer of A4 in grey,
// one-sided, at 300 and 600 dpi, that prints at once. It always takes PWG
// Raster and URF.
type Options struct {
	Name      string        // printer name; "Bjet24 virtual printer" when empty
	Port      int           // 0 takes a free one
	Dir       string        // where printed files are kept; empty is a folder that Stop removes
	PageTime  time.Duration // how long one side takes
	TLS       bool          // URI gives ipps; the printer answers plain requests on the same port too
	Colour    bool
	Duplex    bool
	SheetBack string   // pwg-raster-document-sheet-back, "normal" when empty
	DPI       []int    // PWG Raster resolutions
	Media     []string // PWG 5101.1 names, the first is loaded
	Mandatory bool     // offers job-mandatory-attributes
	Verbose   bool     // the log holds every request and answer
	Log       io.Writer
}

// Printer is one virtual printer. Its methods may be called concurrently.
type Printer struct {
	options Options
	state   string // folder of everything but, when Options.Dir is set, the prints
	bus     *child
	cert    tls.Certificate
	log     *logBuffer
	work    *workshop

	mu  sync.Mutex
	run *run // nil while off
}

// startTimeout is for one process to become ready on a busy machine.
const startTimeout = 20 * time.Second

// Start starts a printer and returns when it answers. ctx covers starting only.
func Start(ctx context.Context, o Options) (p *Printer, err error) {
	o = o.withDefaults()
	state, err := os.MkdirTemp("", "printer")
	if err != nil {
		return nil, err
	}
	p = &Printer{options: o, state: state, log: &logBuffer{also: o.Log}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.Stop())
		}
	}()
	if p.options.Dir == "" {
		p.options.Dir = filepath.Join(state, "prints")
	}
	if err := os.MkdirAll(p.options.Dir, 0o700); err != nil {
		return p, err
	}
	p.work = newWorkshop(o.PageTime)
	if p.cert, err = makeCertificate(filepath.Join(state, "keys")); err != nil {
		return p, err
	}
	if p.bus, err = startBus(ctx, state, p.log); err != nil {
		return p, err
	}
	return p, p.PowerOn(ctx)
}

// PowerOn starts the printer after PowerOff, on its old port, with no memory
// of earlier jobs.
func (p *Printer) PowerOn(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run != nil {
		return errors.New("virtual printer is on")
	}
	const attempts = 5 // somebody else may take a free port first
	var err error
	for range attempts {
		port := p.options.Port
		if port == 0 {
			if port, err = freePort(); err != nil {
				return err
			}
		}
		if p.run, err = p.startRun(ctx, port); err == nil {
			p.options.Port = port
			return nil
		}
		if p.options.Port != 0 || ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("start virtual printer: %w", err)
}

// PowerOff ends the printer as a power cut does: its port is closed and what
// it was printing stays undone. Off twice is off.
func (p *Printer) PowerOff() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return nil
	}
	err := p.run.stop()
	p.run = nil
	return err
}

// Stop ends the printer and everything started for it.
func (p *Printer) Stop() error {
	err := p.PowerOff()
	if p.bus != nil {
		err = errors.Join(err, p.bus.stop())
	}
	return errors.Join(err, os.RemoveAll(p.state))
}

// URI is the printer's address, ipps with Options.TLS, else ipp.
func (p *Printer) URI() string { return p.uri(p.options.TLS) }

// PlainURI is the printer's ipp address.
func (p *Printer) PlainURI() string { return p.uri(false) }

func (p *Printer) uri(secure bool) string {
	scheme := "ipp"
	if secure {
		scheme = "ipps"
	}
	return fmt.Sprintf("%s://localhost:%d/ipp/print", scheme, p.port())
}

// Addr is the printer's host:port.
func (p *Printer) Addr() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(p.port())) }

func (p *Printer) port() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.options.Port
}

// Pin is the SHA-256 of the SubjectPublicKeyInfo of the printer's certificate.
func (p *Printer) Pin() [32]byte { return ipp.Pin(p.cert.Leaf) }

// Certificate is the printer's own, for a proxy that stands for it.
func (p *Printer) Certificate() tls.Certificate { return p.cert }

// Log is the end of what the printer wrote.
func (p *Printer) Log() string { return p.log.String() }

// Printed are the jobs the printer worked on, in their order, over all its
// starts.
func (p *Printer) Printed() []Print { return p.work.printed() }

// Trouble makes the printer stop with a printer-state-reason ("media-jam",
// "media-empty", "cover-open" …) after so many more sides, until Clear.
func (p *Printer) Trouble(reason string, afterSides int) { p.work.trouble(reason, afterSides) }

// Clear ends the trouble.
func (p *Printer) Clear() { p.work.clear() }

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "Bjet24 virtual printer"
	}
	if len(o.DPI) == 0 {
		o.DPI = []int{300, 600}
	}
	if len(o.Media) == 0 {
		o.Media = []string{"iso_a4_210x297mm"}
	}
	if o.SheetBack == "" {
		o.SheetBack = "normal"
	}
	return o
}

// freePort finds a port that is free now on both loopback addresses.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
