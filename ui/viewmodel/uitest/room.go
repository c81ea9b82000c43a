package uitest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
)

// Furnish gives the station two printers, the settings' own chosen.
func (s *Station) Furnish(now time.Time) {
	can := device.Capabilities{
		UUID: "urn:uuid:0a1b2c3d-0000-4000-8000-00000000000a", MakeAndModel: "HP LaserJet Enterprise M612", Colour: false,
		Formats: []string{device.FormatPWGRaster}, DPI: []int{300, 600}, RasterTypes: []string{device.Gray8},
		Sides: []string{device.OneSided, device.TwoSidedLongEdge}, Media: []string{"iso_a4_210x297mm"},
		MediaReady: []string{"iso_a4_210x297mm"}, Scaling: []string{"auto", "none"},
	}
	other := can
	other.MakeAndModel, other.Colour, other.DPI = "Ricoh Pro C5310S", true, []int{300, 600, 1200}
	other.RasterTypes = []string{device.Gray8, device.RGB8}
	other.MediaReady = []string{"iso_a4_210x297mm", "iso_a3_297x420mm", "na_letter_8.5x11in"}
	s.Change(func(c *station.Snapshot) {
		c.Printers = []station.Printer{
			{ID: station.FixedPrinter, Name: "HP-A", URI: "ipps://hp-a.local:631/ipp/print", Pin: pinOf(1), Fixed: true, Chosen: true,
				Lamp: station.LampOK, Model: can.MakeAndModel, Can: &can, TestedAt: now.Add(-26 * time.Hour)},
			{ID: "8f14e45f-ceea-467f-a8d1-1b2c3d4e5f60", Name: "Ricoh", URI: "ipps://ricoh.local:631/ipp/print", Pin: pinOf(2),
				Lamp: station.LampOK, Reasons: []string{device.TonerLow}, Model: other.MakeAndModel, Can: &other},
		}
		c.PrinterName = "HP-A"
	})
}

// pinOf is a fingerprint that looks like one.
func pinOf(n byte) (pin [32]byte) {
	for i := range pin {
		pin[i] = byte(i)*37*n + n*91 + byte(i*i)
	}
	return pin
}

// Found is what FindPrinters brings.
func Found() []discovery.Found {
	return []discovery.Found{
		{Name: "Kyocera ground floor", URI: "ipp://192.0.2.31:631/ipp/print", Model: "Kyocera ECOSYS P3155dn"},
		{Name: "Press C", URI: "ipps://press-c.local:631/ipp/print", Model: "Canon imagePRESS V900", UUID: "urn:uuid:0a1b2c3d-0000-4000-8000-00000000000c"},
		{Name: "Ricoh", URI: "ipps://ricoh.local:631/ipp/print", Model: "Ricoh Pro C5310S"},
	}
}

// may refuses those whose role is not listed, like the real one.
func (s *Station) may(ctx context.Context, method string, roles ...string) error {
	if err := s.wait(ctx, method); err != nil {
		return err
	}
	p := s.Snapshot().Person
	switch {
	case p == nil:
		return &station.Fault{Code: station.Locked}
	case !slices.Contains(roles, p.Role):
		return &station.Fault{Code: station.NotPermitted, Err: errors.New("this is for: " + strings.Join(roles, ", "))}
	}
	return nil
}

// FindPrinters finds what Found has.
func (s *Station) FindPrinters(ctx context.Context) ([]discovery.Found, error) {
	if err := s.may(ctx, "find", "admin"); err != nil {
		return nil, err
	}
	return Found(), nil
}

// ProbePrinter shows a certificate of every ipps address.
func (s *Station) ProbePrinter(ctx context.Context, uri string) (station.PrinterProbe, error) {
	if err := s.may(ctx, "probe", "admin"); err != nil {
		return station.PrinterProbe{}, err
	}
	if err := s.free(uri, ""); err != nil {
		return station.PrinterProbe{}, err
	}
	if strings.HasPrefix(uri, "ipp:") {
		return station.PrinterProbe{}, &station.Fault{Code: station.PrinterPlain}
	}
	probe := station.PrinterProbe{URI: uri, Pin: pinOf(7), Fingerprint: pinOf(9), Subject: "CN=press-c", Until: time.Now().AddDate(3, 0, 0), Model: "Canon imagePRESS V900"}
	if printers := s.Snapshot().Printers; len(printers) > 0 {
		probe.Can = *printers[len(printers)-1].Can
		probe.Can.MakeAndModel = probe.Model
	}
	return probe, nil
}

// free refuses an address or a name that is taken.
func (s *Station) free(uri, name string) error {
	if !strings.HasPrefix(uri, "ipp") || len(name) > 40 {
		return &station.Fault{Code: station.PrinterAddress}
	}
	for _, p := range s.Snapshot().Printers {
		if p.URI == uri || strings.EqualFold(p.Name, name) {
			return &station.Fault{Code: station.PrinterKnown}
		}
	}
	return nil
}

// AddPrinter sets a printer up.
func (s *Station) AddPrinter(ctx context.Context, setup station.PrinterSetup) error {
	if err := s.may(ctx, "add", "admin"); err != nil {
		return err
	}
	if err := s.free(setup.URI, setup.Name); err != nil {
		return err
	}
	s.Change(func(c *station.Snapshot) {
		if setup.ID == "" {
			setup.ID = "0000000" + strconv.Itoa(len(c.Printers)) + "-ceea-467f-a8d1-1b2c3d4e5f60"
		}
		p := station.Printer{ID: setup.ID, Name: setup.Name, URI: setup.URI, Pin: setup.Pin, Lamp: station.LampOK, Model: "Canon imagePRESS V900"}
		if len(c.Printers) > 0 {
			p.Can = c.Printers[len(c.Printers)-1].Can
		}
		c.Printers = append(slices.Clone(c.Printers), p)
	})
	return nil
}

// RemovePrinter forgets a printer that no batch is on.
func (s *Station) RemovePrinter(ctx context.Context, id string) error {
	if err := s.may(ctx, "remove", "admin"); err != nil {
		return err
	}
	snap := s.Snapshot()
	if id == station.FixedPrinter {
		return &station.Fault{Code: station.NotPermitted}
	}
	if snap.Batch != nil && snap.Batch.Printer == id {
		return &station.Fault{Code: station.InUse}
	}
	s.Change(func(c *station.Snapshot) {
		c.Printers = slices.DeleteFunc(slices.Clone(c.Printers), func(p station.Printer) bool { return p.ID == id })
		if !slices.ContainsFunc(c.Printers, func(p station.Printer) bool { return p.Chosen }) && len(c.Printers) > 0 {
			c.Printers[0].Chosen = true
		}
	})
	return nil
}

// ChoosePrinter chooses.
func (s *Station) ChoosePrinter(ctx context.Context, id string) error {
	if err := s.may(ctx, "choose", "admin", "operator"); err != nil {
		return err
	}
	s.Change(func(c *station.Snapshot) {
		c.Printers = slices.Clone(c.Printers)
		for i := range c.Printers {
			if c.Printers[i].Chosen = c.Printers[i].ID == id; c.Printers[i].Chosen {
				c.PrinterName = c.Printers[i].Name
			}
		}
	})
	return nil
}

// TestSheet prints one, unless a batch runs.
func (s *Station) TestSheet(ctx context.Context, id string) error {
	if err := s.may(ctx, "test", "admin"); err != nil {
		return err
	}
	if s.Snapshot().Batch != nil {
		return &station.Fault{Code: station.BatchRunning}
	}
	s.Change(func(c *station.Snapshot) {
		c.Printers = slices.Clone(c.Printers)
		for i := range c.Printers {
			if c.Printers[i].ID == id {
				c.Printers[i].TestedAt = time.Now()
			}
		}
	})
	return nil
}

// About tells of a station that was enrolled a while ago.
func (s *Station) About(ctx context.Context) (station.About, error) {
	if err := s.wait(ctx, "about"); err != nil {
		return station.About{}, err
	}
	return station.About{
		Station: "press-1", Log: "bjet24.example/room/press-1", CertificateEnd: time.Now().AddDate(0, 7, 0),
		People: s.Staff, PeopleSigned: time.Now().Add(-49 * time.Hour), DataDir: "/home/printroom/.local/share/printroom",
		Free: 412_300_000_000, Outbox: 3, Journal: station.JournalSize{Entries: 18_422, Sealed: 18_420, Bytes: 9_400_000},
		Versions: station.Versions{Program: "0.1.0", Go: "go1.26.8", Fyne: "v2.8.1", MuPDF: "1.24.9", System: "linux/amd64", Source: "https://espero-soft.com/printroom"},
	}, nil
}

// Due is a calendar of all kinds.
func (s *Station) Due(ctx context.Context) ([]retention.Item, error) {
	if err := s.wait(ctx, "due"); err != nil {
		return nil, err
	}
	day := func(n int) time.Time { return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, n) }
	return []retention.Item{
		{Kind: retention.Letters, Due: day(2), Count: 41}, {Kind: retention.Letters, Due: day(3), Count: 63},
		{Kind: retention.Letters, Due: day(340), Count: 8}, {Kind: retention.Metadata, Due: day(2500), Count: 1204},
		{Kind: retention.Letters, Due: day(29), Waits: retention.Receipt, Count: 5},
		{Kind: retention.Held, Waits: retention.Person, Count: 1},
		{Kind: retention.Proofs, Due: day(340), Waits: retention.Others, Count: 3},
	}, nil
}

// Clock is that of a station in step with central, or apart from it when "clock"
// fails.
func (s *Station) Clock() retention.Clock {
	now := time.Now().UTC()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults["clock"] != nil {
		return retention.Clock{Now: now.AddDate(0, 0, -3), Station: now, Confirmed: now.AddDate(0, 0, -3), Apart: true}
	}
	return retention.Clock{Now: now, Station: now, Confirmed: now}
}
