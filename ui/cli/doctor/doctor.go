// Package doctor looks at everything that a station needs, one thing after the
// other, and says of each whether it is as it should be. It changes nothing,
// opens no letter and needs no PIN; it may run beside the program.
package doctor

import (
	"context"
	"errors"
	"time"

	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/tpm"
)

// Level is how well a thing is.
type Level string

// The levels.
const (
	OK   Level = "ok"
	Warn Level = "warn" // the station works; somebody should look
	Bad  Level = "bad"  // the station does not work, or not safely
)

// Check is one thing that was looked at.
type Check struct {
	Name   Name
	Level  Level
	Detail string            // what was found, for an administrator
	Fault  station.FaultCode // the condition that the program would show; "" where it has none
}

// Name names a check. What it is and what to do are translations:
// doctor.<name>.name, doctor.<name>.advice.
type Name string

// The checks, in the order in which they are made.
const (
	Settings    Name = "settings"
	DataFolder  Name = "data_folder"
	Instance    Name = "instance"
	Disk        Name = "disk"
	Crashes     Name = "crashes"
	TPM         Name = "tpm"
	PINs        Name = "pins"
	Enrolment   Name = "enrolment"
	Keys        Name = "keys"
	Certificate Name = "certificate"
	Authority   Name = "authority"
	Central     Name = "central"
	Clock       Name = "clock"
	Printer     Name = "printer"
	Formats     Name = "printer_formats"
	Sheet       Name = "printer_sheet"
	Uptime      Name = "printer_uptime"
	Journal     Name = "journal"
	Kernel      Name = "kernel"
	Sandbox     Name = "sandbox"
	Drawing     Name = "drawing"
	CoreDumps   Name = "core_dumps"
	Swap        Name = "swap"
	MemoryLock  Name = "memory_lock"
)

// Names lists every check.
func Names() []Name {
	return []Name{Settings, DataFolder, Instance, Disk, Crashes, TPM, PINs, Enrolment, Keys, Certificate, Authority, Central, Clock,
		Printer, Formats, Sheet, Uptime, Journal, Kernel, Sandbox, Drawing, CoreDumps, Swap, MemoryLock}
}

// Renderer draws documents in a sandbox. Check says why it can't.
type Renderer interface {
	Check(ctx context.Context) error
	Render(ctx context.Context, r render.Request, emit func(render.Page) error) (render.Report, error)
}

// Reader is the station's journal, opened to be read.
type Reader interface {
	Verify(ctx context.Context) (journal.Verification, error)
	Status() journal.Status
	Close() error
}

// Config is what the checks need. Everything is required.
type Config struct {
	Settings func() (settings.Settings, error)
	Journal  func(ctx context.Context) (Reader, error)
	Renderer Renderer
	Patience time.Duration // with central, the printer and the TPM, each
	Now      func() time.Time
}

// Run looks at everything. What can't be looked at because something before it
// is missing is left out.
func Run(ctx context.Context, c Config) []Check {
	e := &exam{Config: c}
	e.station(ctx)
	e.system(ctx)
	return e.found
}

// Worst is the worst level of all.
func Worst(checks []Check) Level {
	worst := OK
	for _, c := range checks {
		if c.Level == Bad || c.Level == Warn && worst == OK {
			worst = c.Level
		}
	}
	return worst
}

// exam is one look at everything.
type exam struct {
	Config
	found    []Check
	settings settings.Settings
	holder   *enrolment.Holder // nil without an identity
	identity enrolment.Identity
	chip     *tpm.Chip // nil without one
}

func (e *exam) station(ctx context.Context) {
	var err error
	if e.settings, err = e.Settings(); err != nil {
		e.bad(Settings, err)
		return
	}
	e.say(Settings, OK, e.settings.Central.URL)
	if !e.folder() {
		return
	}
	e.tpm()
	if e.chip != nil {
		defer func() { _ = e.chip.Close() }() // nothing was kept in it
	}
	e.certificates()
	e.central(ctx)
	e.printer(ctx)
	e.journal(ctx)
}

func (e *exam) say(n Name, l Level, detail string) {
	e.found = append(e.found, Check{Name: n, Level: l, Detail: detail})
}

func (e *exam) bad(n Name, err error) { e.fail(n, Bad, err) }

func (e *exam) fail(n Name, l Level, err error) {
	c := Check{Name: n, Level: l, Detail: err.Error()}
	var f *station.Fault
	if errors.As(station.Explain(err), &f) && f.Code != station.Unexpected {
		c.Fault = f.Code
	}
	e.found = append(e.found, c)
}

// judge says that a thing is as it should be, or at which level it is not.
func (e *exam) judge(n Name, err error, level Level, fine string) {
	if err != nil {
		e.fail(n, level, err)
		return
	}
	e.say(n, OK, fine)
}
