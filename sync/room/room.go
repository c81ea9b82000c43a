// Package room puts a whole print room together around the real program: the
// reference central server with paid letters made on the spot, a TPM, an IPP
// printer, an enrolled station. The demo and the end-to-end tests are made of
// it. It is never in the product.
package room

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// Station is the name of a room's one station.
const Station = "press-1"

// PIN is that of one of the room's people.
func PIN(person string) string {
	return map[string]string{"p1": "483920", "p2": "571846", "p3": "260739"}[person]
}

// Everybody are the pseudonyms of the room's people.
func Everybody() []string { return []string{"p1", "p2", "p3"} }

// Options say what room it is.
type Options struct {
	Program  string // the printroom binary
	Dir      string // everything of the room lies here
	Seed     int64
	Letters  int           // paid when the room opens
	Defects  []mail.Defect // a letter each, after the good ones
	WholeDay bool          // what befalls a print room in a day befalls this one: see Day; some of Letters have defects
	Canary   string        // stands in every letter and address; see mail.Options
	Language string        // of the window and the people; "en" when empty
	PINs     []string      // who has set a PIN when the room opens: Everybody, or p1 alone when nil
	Printer  virtual.Options
	Hooks    *central.Hooks // make central misbehave, and hear its alarms
	Wrap     []string       // words before the program, such as unshare's; may change between starts
	Errors   io.Writer      // the program's standard error; ours when nil
}

// Room is a room at work. Its methods are for one goroutine.
type Room struct {
	Options Options
	Central *central.Central
	TPM     *swtpm.TPM
	Printer *virtual.Printer
	Proxy   *virtual.Proxy // stands before the printer on a whole day, else nil
	Config  string         // the station's settings file
	Data    string         // the station's data folder

	looked  map[string]Piece // what came out whole and was looked at, by file
	address string
	serving chan error
	stop    context.CancelFunc
}

// Open starts everything and enrols the station. ctx covers the start only.
func Open(ctx context.Context, o Options) (_ *Room, err error) {
	if o.Language == "" {
		o.Language = "en"
	}
	if o.PINs == nil {
		o.PINs = Everybody()[:1]
	}
	if o.WholeDay {
		o.Defects = defects()
		o.Letters -= len(o.Defects)
	}
	r := &Room{Options: o, looked: map[string]Piece{}, Config: filepath.Join(o.Dir, "settings.toml"), Data: filepath.Join(o.Dir, "data")}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()
	enrol := func(ctx context.Context) error { return r.enrol(ctx) }
	for _, start := range []func(context.Context) error{r.startTPM, r.startPrinter, r.startCentral, r.hire, r.pay, enrol, r.givePINs} {
		if err := start(ctx); err != nil {
			return nil, fmt.Errorf("open the room: %w", err)
		}
	}
	return r, nil
}

// Close ends everything that was started; what is in Dir stays.
func (r *Room) Close() error {
	var errs []error
	if r.stop != nil {
		errs = append(errs, r.StopCentral())
	}
	if r.Central != nil {
		errs = append(errs, r.Central.Close())
	}
	if r.Proxy != nil {
		errs = append(errs, r.Proxy.Off())
	}
	if r.Printer != nil {
		errs = append(errs, r.Printer.Stop())
	}
	if r.TPM != nil {
		errs = append(errs, r.TPM.Stop())
	}
	return errors.Join(errs...)
}

func (r *Room) startTPM(ctx context.Context) (err error) {
	if err := os.MkdirAll(r.tpmDir(), 0o700); err != nil {
		return err
	}
	r.TPM, err = swtpm.Start(ctx, r.tpmDir())
	return err
}

func (r *Room) tpmDir() string { return filepath.Join(r.Options.Dir, "tpm") }

func (r *Room) startPrinter(ctx context.Context) (err error) {
	o := r.Options.Printer
	o.TLS, o.Colour, o.Duplex = true, true, true
	o.Dir = filepath.Join(r.Options.Dir, "printer")
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return err
	}
	if r.Printer, err = virtual.Start(ctx, o); err != nil || !r.Options.WholeDay {
		return err
	}
	certificate := r.Printer.Certificate()
	r.Proxy, err = virtual.NewProxy(r.Printer.Addr(), &certificate)
	return err
}

// printerURI is where the station finds its printer.
func (r *Room) printerURI() string {
	if r.Proxy != nil {
		return r.Proxy.URI()
	}
	return r.Printer.URI()
}

// openCentral opens central in its folder.
func (r *Room) openCentral(ctx context.Context) (err error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(r.TPM.CA()) {
		return errors.New("the TPM's maker has no certificate")
	}
	r.Central, err = central.New(ctx, central.Config{Dir: r.centralDir(), EKRoots: roots, Hooks: r.Options.Hooks})
	return err
}

func (r *Room) startCentral(ctx context.Context) error {
	if err := r.openCentral(ctx); err != nil {
		return err
	}
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.Central.Authority().Raw})
	if err := os.WriteFile(r.authorityPath(), authority, 0o600); err != nil {
		return err
	}
	if err := r.StartCentral(ctx); err != nil {
		return err
	}
	return r.configure(r.printerURI())
}

func (r *Room) centralDir() string { return filepath.Join(r.Options.Dir, "central") }

func (r *Room) authorityPath() string { return filepath.Join(r.Options.Dir, "authority.pem") }

// StartCentral makes central answer, at the address it had before.
func (r *Room) StartCentral(ctx context.Context) error {
	address := r.address
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("let central listen: %w", err)
	}
	r.address = l.Addr().String()
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	r.stop, r.serving = stop, make(chan error, 1)
	go func() { r.serving <- r.Central.Serve(run, l) }()
	return nil
}

// StopCentral makes central unreachable; what it knows stays.
func (r *Room) StopCentral() error {
	r.stop()
	err := <-r.serving
	r.stop = nil
	return err
}

// configure writes the station's settings, with a printer at uri.
func (r *Room) configure(uri string) error {
	settings := fmt.Sprintf(`language = %q
data_dir = %q

[central]
url = "https://%s"
authority = %q

[printer]
name = "HP-A"
uri = %q
pin = "%x"

[tpm]
endpoint = %q
`, r.Options.Language, r.Data, r.address, r.authorityPath(), uri, r.Printer.Pin(), r.TPM.Endpoint())
	if err := os.WriteFile(r.Config, []byte(settings), 0o600); err != nil {
		return fmt.Errorf("write the station's settings: %w", err)
	}
	return nil
}

// Behind makes the station print through something else than the printer
// itself, such as a proxy that breaks what passes.
func (r *Room) Behind(uri string) error { return r.configure(uri) }

// People are the room's people: an operator, a supervisor and an admin.
func (r *Room) People() []wire.Person {
	return []wire.Person{
		{Pseudonym: "p1", Name: "Anna Claes", Role: wire.RoleOperator, Language: r.Options.Language},
		{Pseudonym: "p2", Name: "Marc Dubois", Role: wire.RoleSupervisor, Language: r.Options.Language},
		{Pseudonym: "p3", Name: "Eva Lenaerts", Role: wire.RoleAdmin, Language: r.Options.Language},
	}
}

func (r *Room) hire(ctx context.Context) error {
	for _, p := range r.People() {
		if err := r.Central.AddPerson(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *Room) pay(ctx context.Context) error {
	letters, err := mail.Letters(r.Options.Seed, r.Options.Letters, mail.Options{Canary: r.Options.Canary, Defects: r.Options.Defects})
	if err != nil {
		return err
	}
	for i, l := range letters {
		_, err := r.Central.Pay(ctx, central.Letter{
			PDF: l.PDF, Recipient: l.Recipient, Country: l.Country, Return: l.Return,
			Product: wire.Product(l.Product), Duplex: l.Duplex, Colour: l.Colour, Envelope: l.Envelope,
			Pages: l.Pages, Tracking: string(l.Tracking), CutOff: time.Now().Add(6*time.Hour + time.Duration(i)*time.Minute),
		})
		if err != nil {
			return err
		}
	}
	return nil
}
