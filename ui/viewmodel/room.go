package viewmodel

import (
	"context"
	"errors"
	"slices"
	"time"

	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
)

// Equipment is what the screen of the room needs of the station. Each method
// may take seconds; who may do what is the station's to say, and its journal
// knows who did.
type Equipment interface {
	FindPrinters(ctx context.Context) ([]discovery.Found, error)
	ProbePrinter(ctx context.Context, uri string) (station.PrinterProbe, error)
	AddPrinter(ctx context.Context, setup station.PrinterSetup) error
	RemovePrinter(ctx context.Context, id string) error
	ChoosePrinter(ctx context.Context, id string) error
	TestSheet(ctx context.Context, id string) error
	About(ctx context.Context) (station.About, error)
	// Due lists what will be forgotten when, by the time that Clock tells.
	Due(ctx context.Context) ([]retention.Item, error)
	Clock() retention.Clock
	// People has how each person's PIN is, which About has not.
	Colleagues
}

// Section is one part of the room's screen.
type Section string

// The sections.
const (
	SectionPrinters    Section = "printers"
	SectionPeople      Section = "people"
	SectionKeys        Section = "keys"
	SectionRetention   Section = "retention"
	SectionDiagnostics Section = "diagnostics"
	SectionVersions    Section = "versions"
)

// Sections lists them in their order.
func Sections() []Section {
	return []Section{SectionPrinters, SectionPeople, SectionKeys, SectionRetention, SectionDiagnostics, SectionVersions}
}

// Room is the screen of what stands in the room and how it is.
type Room struct {
	Section  Section
	Person   *station.Person // nil while locked
	Printers []station.Printer
	Working  string                         // the id of the printer that a batch goes to, "" for none
	Lamps    map[string]station.Lamp        // central, tpm, journal, printer
	Faults   map[station.FaultCode]struct{} // what is wrong now
	Jobs     []station.Job                  // the snapshot's; never written to
	SealedAt time.Time                      // last countersignature
	Policy   station.Policy
	Idle     time.Duration         // without a touch until the window locks, 0 never; the frame says
	Endpoint string                // of a TPM that is not the system's own, else ""
	Found    []discovery.Found     // of the last look at the network
	Looking  bool                  // the network is being looked at
	Looked   bool                  // Found is what it said
	Address  string                // typed, or of what was found
	Name     string                // for the printer to add
	Probing  bool                  // Address is being asked
	Probe    *station.PrinterProbe // what it showed, nil before
	Adding   bool                  // Probe is being set up
	Removing string                // the id of the printer whose removal is to be confirmed
	Removed  *station.PrinterSetup // the last one removed, to bring it back
	Busy     map[string]Doing      // what is being done with a printer, by its id
	About    *station.About        // nil until it was read
	Due      []retention.Item      // what is forgotten when, what is due first
	Clock    *retention.Clock      // the time that it goes by, nil until it was read
	Reading  bool                  // About is being read
	ReadAt   time.Time             // when it was
	Fault    *station.Fault        // of the last act
	Told     string                // the id of the printer whose test sheet came out last
	Changed  func()

	asks   *asks
	things Equipment
	now    Clock
	acted  int // number of the newest act, whose fault is shown
	looked int // number of the newest look or probe
}

// Doing is what is being done with a printer.
type Doing string

// What can be done.
const (
	DoingChoose Doing = "choosing"
	DoingTest   Doing = "testing"
	DoingRemove Doing = "removing"
)

// NewRoom returns a screen of a room that has said nothing yet.
func NewRoom(things Equipment, post Poster, now Clock) *Room {
	return &Room{
		Section: SectionPrinters, asks: newAsks(post), things: things, now: now,
		Busy: map[string]Doing{}, Lamps: map[string]station.Lamp{}, Changed: func() {},
	}
}

// Show takes a newer snapshot. A locked station shows nothing of the room.
func (r *Room) Show(s station.Snapshot) {
	if s.Person == nil {
		r.forget()
		return
	}
	arrived := r.Person == nil || r.Person.Pseudonym != s.Person.Pseudonym
	if arrived && r.Person != nil {
		r.forget() // a shift change: what the first one was about is not the second's
	}
	r.Person, r.Printers, r.Jobs = s.Person, s.Printers, s.Jobs
	r.Lamps["central"], r.Lamps["tpm"], r.Lamps["journal"], r.Lamps["printer"] = s.Central, s.TPM, s.Journal, s.Printer
	r.SealedAt, r.Endpoint, r.Policy, r.Working = s.SealedAt, s.TPMEndpoint, s.Policy, ""
	if s.Batch != nil {
		r.Working = s.Batch.Printer
	}
	r.Faults = map[station.FaultCode]struct{}{}
	if s.NoDecryption != "" {
		r.Faults[s.NoDecryption] = struct{}{}
	}
	if s.LastFault != nil {
		r.Faults[s.LastFault.Code] = struct{}{}
	}
	if r.Removing != "" && r.Printer(r.Removing) == nil {
		r.Removing = ""
	}
	r.Changed()
	if arrived {
		r.Read()
	}
}

func (r *Room) forget() {
	r.acted++
	r.looked++
	r.Person, r.Printers, r.Jobs, r.Found, r.Probe, r.About = nil, nil, nil, nil, nil, nil
	r.Due, r.Clock = nil, nil
	r.Address, r.Name, r.Removing, r.Removed, r.Fault, r.Told = "", "", "", nil, nil, ""
	r.Looking, r.Looked, r.Probing, r.Adding, r.Reading = false, false, false, false, false
	r.Busy, r.Section = map[string]Doing{}, SectionPrinters
	r.Changed()
}

// Go shows a section. Those that tell numbers are read anew.
func (r *Room) Go(s Section) {
	if s == r.Section || !slices.Contains(Sections(), s) {
		return
	}
	r.Section = s
	r.Changed()
	r.Read()
}

// Admin tells whether the person may change the room.
func (r *Room) Admin() bool { return r.Person != nil && r.Person.Role == "admin" }

// MayChoose tells whether the person may say where letters are printed.
func (r *Room) MayChoose() bool {
	return r.Admin() || r.Person != nil && r.Person.Role == "operator"
}

// Printer returns one of the printers, nil when there is none of that id.
func (r *Room) Printer(id string) *station.Printer {
	if i := slices.IndexFunc(r.Printers, func(p station.Printer) bool { return p.ID == id }); i >= 0 {
		return &r.Printers[i]
	}
	return nil
}

// Known tells whether an address is that of a printer that is set up.
func (r *Room) Known(uri string) bool {
	return slices.ContainsFunc(r.Printers, func(p station.Printer) bool { return p.URI == uri })
}

// Read asks for what the snapshot does not have.
func (r *Room) Read() {
	if r.Person == nil || r.Reading {
		return
	}
	r.Reading = true
	n := r.acted
	r.asks.run(func(ctx context.Context) func() {
		about, err := r.things.About(ctx)
		people, peopleErr := r.things.People(ctx)
		due, dueErr := r.things.Due(ctx)
		clock := r.things.Clock()
		return func() {
			if r.Person == nil {
				return
			}
			r.Reading = false
			if err == nil {
				if peopleErr == nil {
					about.People = people
				}
				r.About, r.ReadAt = &about, r.now()
			}
			if dueErr == nil {
				r.Due, r.Clock = due, &clock
			}
			if err = errors.Join(err, peopleErr, dueErr); err != nil && n == r.acted {
				r.Fault = faultOf(err)
			}
			r.Changed()
		}
	})
}

// Dismiss puts the last fault away.
func (r *Room) Dismiss() {
	r.Fault = nil
	r.Changed()
}

// Close ends the work that runs and waits for it.
func (r *Room) Close() { r.asks.close() }
