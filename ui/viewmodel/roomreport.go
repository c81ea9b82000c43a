package viewmodel

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"espero-soft.com/printroom/sync/station"
)

// Report is the state of the station as text for whoever helps from afar: codes,
// counts and versions, and in English whoever reads it. No person, no letter, no
// address of the network and no folder of somebody's own is in it.
func (r *Room) Report() string {
	var b strings.Builder
	line := func(name string, value any) { fmt.Fprintf(&b, "%s: %v\n", name, value) }
	fmt.Fprintf(&b, "Bjet24 Print Room, %s\n", r.now().UTC().Format("2006-01-02 15:04 UTC"))
	if a := r.About; a != nil {
		line("station", a.Station)
		line("program", a.Versions.Program)
		line("system", a.Versions.System)
		line("go", a.Versions.Go)
		line("fyne", a.Versions.Fyne)
		line("mupdf", a.Versions.MuPDF)
		line("certificate until", a.CertificateEnd.UTC().Format("2006-01-02"))
		line("people", len(a.People))
		line("people signed", a.PeopleSigned.UTC().Format("2006-01-02 15:04 UTC"))
		line("data folder", filepath.Base(a.DataDir))
		line("free bytes", a.Free)
		line("outbox", a.Outbox)
		line("journal entries", a.Journal.Entries)
		line("journal sealed", a.Journal.Sealed)
		line("journal bytes", a.Journal.Bytes)
	}
	for _, part := range slices.Sorted(maps.Keys(r.Lamps)) {
		line("lamp "+part, r.Lamps[part])
	}
	for _, code := range slices.Sorted(maps.Keys(r.Faults)) {
		line("fault", code)
	}
	if r.Endpoint != "" {
		line("tpm", "not the system's own")
	}
	for i, p := range r.Printers {
		line(fmt.Sprintf("printer %d", i+1), fmt.Sprintf("%s, %s, chosen %v, tested %v, reasons %v, fault %s",
			p.Model, p.Lamp, p.Chosen, !p.TestedAt.IsZero(), p.Reasons, faultCode(p.Fault)))
	}
	states := map[string]int{}
	for _, j := range r.Jobs {
		states[string(j.State)]++
	}
	for _, s := range slices.Sorted(maps.Keys(states)) {
		line("letters "+s, states[s])
	}
	return b.String()
}

func faultCode(f *station.Fault) station.FaultCode {
	if f == nil {
		return "none"
	}
	return f.Code
}
