package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/vault/journal"
)

// machine are the checks whose answer depends on where the test runs.
func machine() []Name { return []Name{Kernel, Swap, MemoryLock, Disk} }

func wantLevel(t *testing.T, checks map[Name]Check, n Name, want Level, parts ...string) {
	t.Helper()
	c, ok := checks[n]
	if !ok || c.Level != want {
		t.Errorf("%s: %+v, want %s", n, c, want)
	}
	for _, p := range parts {
		if !strings.Contains(c.Detail, p) {
			t.Errorf("%s says %q, want %q in it", n, c.Detail, p)
		}
	}
}

// TestStation looks at a whole station, then at the same one as it falls apart.
func TestStation(t *testing.T) {
	r := newRoom(t)
	fresh := r.look(t, nil)
	wantLevel(t, fresh, Enrolment, Bad)
	wantLevel(t, fresh, Central, OK, "not asked as a station")
	r.enrol(t)
	all := r.look(t, nil)
	for _, n := range Names() {
		if _, ok := all[n]; !ok {
			t.Errorf("%s was not looked at", n)
		}
	}
	for _, n := range machine() {
		delete(all, n)
	}
	// The software TPM is not the system's, and central has countersigned nothing.
	for n, c := range all {
		want := OK
		if n == TPM || n == Journal {
			want = Warn
		}
		if c.Level != want {
			t.Errorf("%s: %s: %s", n, c.Level, c.Detail)
		}
	}

	t.Run("PINs and locked memory", func(t *testing.T) {
		checks := r.look(t, nil)
		wantLevel(t, checks, PINs, OK, "pin_fail")
		if c := checks[MemoryLock]; !strings.Contains(c.Detail, "limit") {
			t.Errorf("of locked memory it says %q", c.Detail)
		}
	})
	t.Run("another authority", func(t *testing.T) {
		noError(t, os.WriteFile(r.path("bad.pem"), []byte("no PEM"), 0o600))
		checks := r.look(t, func(s *settings.Settings) { s.Central.Authority = r.path("bad.pem") })
		wantLevel(t, checks, Authority, Bad, "not PEM")
	})
	t.Run("another printer", func(t *testing.T) {
		checks := r.look(t, func(s *settings.Settings) { s.Printer.Pin[0]++ })
		wantLevel(t, checks, Printer, Bad)
		if c := checks[Printer]; c.Fault != station.Certificate {
			t.Errorf("the fault is %q", c.Fault)
		}
	})
	t.Run("printer in clear", func(t *testing.T) {
		wantLevel(t, r.look(t, func(s *settings.Settings) { s.Printer.URI = r.printer.PlainURI() }), Printer, Warn, "not encrypted")
	})
	t.Run("printer off", func(t *testing.T) {
		noError(t, r.printer.PowerOff())
		checks := r.look(t, nil)
		wantLevel(t, checks, Printer, Bad)
		if _, asked := checks[Formats]; asked {
			t.Error("a printer that is off was asked what it can do")
		}
	})
	t.Run("no TPM", func(t *testing.T) {
		checks := r.look(t, func(s *settings.Settings) { s.TPM.Endpoint = "unix:/nowhere" })
		wantLevel(t, checks, TPM, Bad)
		wantLevel(t, checks, Keys, Bad)
		if checks[TPM].Fault != station.TPMMissing {
			t.Errorf("the fault is %q", checks[TPM].Fault)
		}
	})
	t.Run("central away", func(t *testing.T) {
		r.stop()
		checks := r.look(t, nil)
		wantLevel(t, checks, Central, Bad)
		if checks[Central].Fault != station.CentralDown {
			t.Errorf("the fault is %q", checks[Central].Fault)
		}
	})
	t.Run("data folder open", func(t *testing.T) {
		noError(t, os.Chmod(r.path("data"), 0o750))
		wantLevel(t, r.look(t, nil), DataFolder, Bad, "0750")
	})
	t.Run("no data folder", func(t *testing.T) {
		wantLevel(t, r.look(t, func(s *settings.Settings) { s.DataDir = r.path("none/yet") }), DataFolder, OK, "first start")
		if _, err := os.Stat(r.path("none")); err == nil {
			t.Error("the doctor made it")
		}
	})
}

// some is an exam of which a part is asked.
func some(now time.Time) *exam {
	return &exam{Config: Config{Now: func() time.Time { return now }, Patience: time.Second}}
}

func (e *exam) only(t *testing.T) Check {
	t.Helper()
	if len(e.found) != 1 {
		t.Fatalf("%+v", e.found)
	}
	return e.found[0]
}

func TestSettingsThatCannotBeRead(t *testing.T) {
	e := some(time.Now())
	e.Settings = func() (settings.Settings, error) { return settings.Settings{}, errors.New("line 3") }
	e.station(t.Context())
	if c := e.only(t); c.Level != Bad || c.Name != Settings || !strings.Contains(c.Detail, "line 3") {
		t.Errorf("%+v", c)
	}
}

func TestValidity(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		from, until time.Duration
		want        Level
	}{
		{-time.Hour, 90 * 24 * time.Hour, OK}, {-time.Hour, 29 * 24 * time.Hour, Warn}, {-2 * time.Hour, -time.Hour, Bad}, {time.Hour, 1e6 * time.Hour, Bad},
	} {
		e := some(now)
		e.validity(Certificate, &x509.Certificate{NotBefore: now.Add(c.from), NotAfter: now.Add(c.until)})
		if got := e.only(t); got.Level != c.want {
			t.Errorf("%v to %v: %+v", c.from, c.until, got)
		}
	}
}

func TestAbilities(t *testing.T) {
	whole := device.Capabilities{
		Formats: []string{device.FormatPWGRaster}, DPI: []int{300}, RasterTypes: []string{device.Gray8},
		Sides: []string{device.OneSided, device.TwoSidedLongEdge}, Media: []string{a4},
	}
	for name, c := range map[string]struct {
		spoil          func(*device.Capabilities)
		formats, sheet Level
	}{
		"whole":     {func(*device.Capabilities) {}, OK, OK},
		"PDF only":  {func(c *device.Capabilities) { c.Formats = []string{device.FormatPDF} }, Bad, ""},
		"no grey":   {func(c *device.Capabilities) { c.RasterTypes = nil }, Bad, ""},
		"one side":  {func(c *device.Capabilities) { c.Sides = []string{device.OneSided} }, OK, Warn},
		"Letter":    {func(c *device.Capabilities) { c.Media = []string{"na_letter_8.5x11in"} }, OK, Bad},
		"it scales": {func(c *device.Capabilities) { c.Scaling = []string{"fit"} }, OK, Bad},
	} {
		can := whole
		c.spoil(&can)
		e := some(time.Now())
		e.abilities(can)
		got := map[Name]Level{}
		for _, check := range e.found {
			got[check.Name] = check.Level
		}
		if got[Formats] != c.formats || got[Sheet] != c.sheet {
			t.Errorf("%s: %+v", name, e.found)
		}
	}
}

func TestSealed(t *testing.T) {
	now := time.Now()
	for _, c := range []struct {
		entries int64
		status  journal.Status
		want    Level
	}{
		{0, journal.Status{}, OK},
		{5, journal.Status{Sealed: 5, SealedAt: now.Add(-time.Hour * 99)}, OK},
		{9, journal.Status{Sealed: 5, SealedAt: now.Add(-time.Hour)}, OK},
		{9, journal.Status{Sealed: 5, SealedAt: now.Add(-sealedFor - time.Minute)}, Warn},
		{9, journal.Status{}, Warn},
	} {
		e := some(now)
		e.sealed(journal.Verification{Entries: c.entries}, c.status)
		if got := e.only(t); got.Level != c.want {
			t.Errorf("%+v: %+v", c.status, got)
		}
	}
}

func TestCrashes(t *testing.T) {
	now, dir := time.Now(), t.TempDir()
	set := func(age time.Duration) {
		name := "crash-" + now.Add(-age).UTC().Format("2006-01-02T15-04-05.000") + ".log"
		noError(t, os.WriteFile(filepath.Join(dir, name), []byte("panic"), 0o600))
	}
	for _, c := range []struct {
		age  time.Duration // of another crash
		want Level
	}{{crashesFor + time.Hour, OK}, {crashesFor + 2*time.Hour, OK}, {time.Hour, Warn}} {
		set(c.age)
		e := some(now)
		e.crashes(dir)
		if got := e.only(t); got.Level != c.want {
			t.Errorf("after %v: %+v", c.age, got)
		}
	}
	e := some(now)
	e.crashes(filepath.Join(dir, "none"))
	if got := e.only(t); got.Level != OK {
		t.Errorf("%+v", got)
	}
}

func TestRunningCopy(t *testing.T) {
	dir, err := os.MkdirTemp("", "room")
	noError(t, err)
	defer func() { noError(t, os.RemoveAll(dir)) }()
	s, err := instance.Listen(dir, instance.Serve{Status: func() any { return 1 }})
	noError(t, err)
	defer func() { noError(t, s.Close()) }()
	e := some(time.Now())
	e.instance(dir)
	if got := e.only(t); got.Detail != "the program is running" {
		t.Errorf("%+v", got)
	}
}

// blank is a renderer that draws nothing.
type blank struct{ err error }

func (b blank) Check(context.Context) error { return b.err }

func (b blank) Render(_ context.Context, _ render.Request, emit func(render.Page) error) (render.Report, error) {
	page := render.Page{Width: 1240, Height: 1754, Pix: make([]byte, 1240*1754)}
	for i := range page.Pix {
		page.Pix[i] = 0xff
	}
	return render.Report{Pages: 1}, emit(page)
}

func TestDrawingNothing(t *testing.T) {
	e := some(time.Now())
	e.Renderer = blank{}
	e.system(t.Context())
	e.Renderer = blank{fmt.Errorf("start: %w", render.ErrSandbox)}
	e.system(t.Context())
	bad := 0
	for _, c := range e.found {
		if c.Name == Drawing && c.Level == Bad || c.Name == Sandbox && c.Level == Bad && c.Fault == station.SandboxMissing {
			bad++
		}
	}
	if bad != 2 {
		t.Errorf("%+v", e.found)
	}
}

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		levels []Level
		want   Level
	}{{nil, OK}, {[]Level{OK, Warn, OK}, Warn}, {[]Level{Warn, Bad, OK}, Bad}} {
		var checks []Check
		for _, l := range c.levels {
			checks = append(checks, Check{Level: l})
		}
		if got := Worst(checks); got != c.want {
			t.Errorf("%v: %s", c.levels, got)
		}
	}
}
