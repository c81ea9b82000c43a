package station

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// PrinterSetup is how a printer is reached.
type PrinterSetup struct {
	ID   string   // given by the station; set to bring back one that was removed
	Name string   // for people, one line of at most 40 characters
	URI  string   // ipps://host/path, or ipp:// on this machine
	Pin  [32]byte // SHA-256 of its certificate's SubjectPublicKeyInfo; zero for ipp
}

// PrinterProbe is what an address shows of itself. Nothing is trusted by it: an
// admin compares the fingerprint with what the printer's own panel says.
type PrinterProbe struct {
	URI         string
	Pin         [32]byte  // SHA-256 of the certificate's public key: what is trusted from then on
	Fingerprint [32]byte  // SHA-256 of the certificate, as panels show it; zero for an address without
	Subject     string    // the certificate's, safe to show
	Until       time.Time // its end
	Model       string
	UUID        string
	Can         device.Capabilities
}

// The reasons of a configure entry in the journal.
const (
	printerAdded   = "printer_added"
	printerRemoved = "printer_removed"
	printerChosen  = "printer_chosen"
	printerTested  = "printer_tested"
)

// probeTime is how long an unknown address may take to answer.
const probeTime = 15 * time.Second

// FindPrinters looks for printers on the network. It is for admins.
func (s *Station) FindPrinters(ctx context.Context) ([]discovery.Found, error) {
	if _, err := s.only(ctx, "", "admin"); err != nil || s.cfg.Discover == nil {
		return nil, err
	}
	found, err := s.cfg.Discover(ctx)
	return found, fault(err)
}

// ProbePrinter reads the certificate that an address shows and asks what it can
// do. It is for admins.
func (s *Station) ProbePrinter(ctx context.Context, uri string) (PrinterProbe, error) {
	if _, err := s.only(ctx, "", "admin"); err != nil {
		return PrinterProbe{}, err
	}
	probe := PrinterProbe{URI: strings.TrimSpace(uri)}
	if err := s.freeAddress(probe.URI, ""); err != nil {
		return PrinterProbe{}, err
	}
	if scheme(probe.URI) == "ipps" {
		seen, err := ipp.Identify(ctx, probe.URI, probeTime)
		if err != nil {
			return PrinterProbe{}, fault(err)
		}
		probe.Pin, probe.Fingerprint, probe.Subject, probe.Until = seen.Pin, seen.Fingerprint, seen.Subject, seen.NotAfter
	}
	p, err := s.dial(PrinterSetup{URI: probe.URI, Pin: probe.Pin})
	if err != nil {
		return PrinterProbe{}, unusable(err)
	}
	if probe.Can, err = p.device.Describe(ctx); err != nil {
		return PrinterProbe{}, fault(err)
	}
	probe.Model, probe.UUID = probe.Can.MakeAndModel, probe.Can.UUID
	return probe, nil
}

// AddPrinter sets a printer up under a certificate that an admin has compared.
// The printer must answer and show that certificate, but for one that is
// brought back after its removal.
func (s *Station) AddPrinter(ctx context.Context, setup PrinterSetup) error {
	back := setup.ID != ""
	if !back {
		setup.ID = uuid.NewString()
	}
	if _, err := s.only(ctx, setup.ID, "admin"); err != nil {
		return err
	}
	setup.Name, setup.URI = strings.TrimSpace(setup.Name), strings.TrimSpace(setup.URI)
	if setup.Name == "" {
		return &Fault{Code: PrinterAddress, Err: errors.New("it has no name")}
	}
	if back && s.printerByID(setup.ID) != nil {
		return &Fault{Code: PrinterKnown, Err: errors.New("it is set up already")}
	}
	if err := s.freeAddress(setup.URI, setup.Name); err != nil {
		return err
	}
	p, err := s.dial(setup)
	if err != nil {
		return unusable(err)
	}
	can, err := p.device.Describe(ctx)
	if err != nil && !back {
		return fault(err)
	}
	if err == nil {
		p.lamp, p.can, p.asked = LampOK, &can, s.cfg.Now()
	}
	if err := s.record(ctx, configure(setup.ID, printerAdded)); err != nil {
		return err
	}
	if err := s.cfg.Store.KeepPrinter(ctx, setup.stored()); err != nil {
		return fault(err)
	}
	known := false
	s.change(func() {
		if known = s.findPrinter(setup.ID) != nil; !known {
			s.printers = append(slices.Clone(s.printers), p)
		}
	})
	if known {
		return &Fault{Code: PrinterKnown, Err: errors.New("it was set up meanwhile")}
	}
	return nil
}

// RemovePrinter forgets a printer. The settings' own stays, and so does one
// that letters are on their way to. It is for admins.
func (s *Station) RemovePrinter(ctx context.Context, id string) error {
	if _, err := s.only(ctx, id, "admin"); err != nil {
		return err
	}
	if id == "" {
		return noPrinter(id)
	}
	if id == FixedPrinter {
		return &Fault{Code: NotPermitted, Err: errors.New("the settings name this printer")}
	}
	if err := s.idle(ctx, id); err != nil {
		return err
	}
	if err := s.record(ctx, configure(id, printerRemoved)); err != nil {
		return err
	}
	inUse := false
	s.change(func() {
		if inUse = s.busy != nil && s.busy.setup.ID == id; !inUse {
			s.printers = slices.DeleteFunc(slices.Clone(s.printers), func(p *printer) bool { return p.setup.ID == id })
		}
	})
	if inUse {
		return &Fault{Code: InUse, Err: errors.New("a batch was begun on it")}
	}
	return fault(s.cfg.Store.ForgetPrinter(ctx, id))
}

// ChoosePrinter says where the next batch goes; one that runs stays where it
// is. It is for admins and operators.
func (s *Station) ChoosePrinter(ctx context.Context, id string) error {
	if _, err := s.only(ctx, id, "admin", "operator"); err != nil {
		return err
	}
	if s.printerByID(id) == nil || id == "" {
		return noPrinter(id)
	}
	if err := s.record(ctx, configure(id, printerChosen)); err != nil {
		return err
	}
	if err := s.cfg.Store.SetSetting(ctx, chosenSetting, []byte(id)); err != nil {
		return fault(err)
	}
	s.change(func() { s.chosen = id })
	return nil
}

// idle tells why a printer can't be taken away: letters of which its word is
// still awaited.
func (s *Station) idle(ctx context.Context, id string) error {
	p := s.printerByID(id)
	if p == nil {
		return noPrinter(id)
	}
	jobs, err := s.cfg.Store.JobsIn(ctx, store.Intent, store.Created, store.Sending, store.Sent)
	if err != nil {
		return fault(err)
	}
	for _, j := range jobs {
		a, err := s.cfg.Store.Attempt(ctx, j.Attempt)
		if err != nil {
			return fault(err)
		}
		if s.printerByID(a.Printer) == p {
			return &Fault{Code: InUse, Err: fmt.Errorf("letter %s is in print there", j.Attempt)}
		}
	}
	return nil
}

// freeAddress refuses what is no printer's address, an address that is set up,
// and a name that another printer has or that can't be shown; "" is not looked
// at.
func (s *Station) freeAddress(uri, name string) error {
	u, err := url.Parse(uri)
	if err != nil || len(uri) > 512 || u.Hostname() == "" || scheme(uri) == "" {
		return &Fault{Code: PrinterAddress, Err: errors.New("an address is ipps://host/path")}
	}
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > 40 || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return &Fault{Code: PrinterAddress, Err: errors.New("a name is one line of at most 40 characters")}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.printers {
		if strings.EqualFold(p.setup.URI, uri) || name != "" && strings.EqualFold(p.setup.Name, name) {
			return &Fault{Code: PrinterKnown, Err: fmt.Errorf("%q is set up at %s", p.setup.Name, p.setup.URI)}
		}
	}
	return nil
}

func scheme(uri string) string {
	for _, s := range []string{"ipps", "ipp"} {
		if strings.HasPrefix(strings.ToLower(uri), s+"://") {
			return s
		}
	}
	return ""
}

// unusable is the fault of an address that can't be dialled.
func unusable(err error) error {
	if errors.Is(err, ipp.ErrPlain) {
		return fault(err)
	}
	return &Fault{Code: PrinterAddress, Err: err}
}

func noPrinter(id string) *Fault {
	return &Fault{Code: PrinterAddress, Err: fmt.Errorf("no printer %s is set up", id)}
}

func configure(id, reason string) journal.Access {
	return journal.Access{Action: journal.ActionConfigure, Object: id, Reason: reason}
}

// only lets people of some roles act on a printer. That somebody else tried is
// journaled.
func (s *Station) only(ctx context.Context, id string, roles ...string) (Person, error) {
	person, _, err := s.unlocked()
	if err != nil || slices.Contains(roles, person.Role) {
		return person, err
	}
	access := configure(id, "")
	access.Actor = person.Pseudonym
	return person, s.denied(ctx, access, &Fault{Code: NotPermitted, Err: fmt.Errorf("this is for: %s", strings.Join(roles, ", "))})
}
