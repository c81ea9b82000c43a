package screens

import (
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
)

// TestRoomHasAText holds the codes that the room's screen makes sentences of
// against what the languages can say.
func TestRoomHasAText(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"screen.room", "rail.room", "key.screen.room"}
	for _, s := range viewmodel.Sections() {
		keys = append(keys, "room.section."+string(s), "room.about."+string(s))
	}
	for _, k := range []retention.Kind{retention.Letters, retention.Held, retention.Proofs, retention.Metadata, retention.Journal, retention.Copies} {
		keys = append(keys, "room.due."+string(k))
	}
	for _, w := range []retention.Wait{retention.Central, retention.Receipt, retention.Person, retention.Others, retention.TPM} {
		keys = append(keys, "room.wait."+string(w))
	}
	for _, code := range []string{device.MediaEmpty, device.MediaNeeded, device.MediaJam, device.MediaLow, device.TrayMissing,
		device.DoorOpen, device.TonerEmpty, device.TonerLow, device.WasteFull, device.OutputFull, device.Paused, device.Offline,
		device.ShuttingOff, device.SpoolFull, device.TooHot, device.ServiceCall, device.OtherReason} {
		keys = append(keys, "device."+code+".what", "device."+code+".do")
	}
	for _, part := range lampParts() {
		keys = append(keys, "room.part."+part)
	}
	room := &Room{at: &Context{}, model: viewmodel.NewRoom(nil, nil, nil)}
	wantWords(t, c, keys, room.Shortcuts())
}

func TestRoomWords(t *testing.T) {
	catalogue, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	for tag, want := range map[string][4]string{
		"en": {"A4 (210 × 297 mm)", "Letter (8.5 × 11 in)", "9.4 MB", "2.0 kB"},
		"fr": {"A4 (210 × 297 mm)", "Letter (8.5 × 11 in)", "9,4 MB", "2,0 kB"},
	} {
		c := &Context{Texts: func() *language.Texts { return catalogue.In(tag) }}
		got := [4]string{c.medium("iso_a4_210x297mm"), c.medium("na_letter_8.5x11in"), c.size(9_400_000), c.size(1_999)}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
		for bytes, text := range map[int64]string{0: "0 B", 999: "999 B", 412_300_000_000: "412 GB"} {
			if got := c.size(bytes); got != text {
				t.Errorf("%s: %d bytes are %q", tag, bytes, got)
			}
		}
		for _, odd := range []string{"", "x", "custom_10x10", "iso_a4_210x297", "__1x1mm"} {
			if got := c.medium(odd); got != odd { // a printer may say anything
				t.Errorf("%q is shown as %q", odd, got)
			}
		}
	}
	var pin [32]byte
	pin[31] = 0xAB
	if got := fingerprint(pin); len(got) != 79 || got[len(got)-4:] != "00AB" {
		t.Errorf("a fingerprint is shown as %q", got)
	}
}

// A printer's chip tells apart what a person does about each.
func TestPrinterStates(t *testing.T) {
	catalogue, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	c := &Context{Texts: func() *language.Texts { return catalogue.In("en") }}
	seen := map[string]bool{}
	for _, p := range []station.Printer{
		{Lamp: station.LampOK}, {Lamp: station.LampBusy}, {Lamp: station.LampOff}, {Lamp: station.LampBad},
		{Lamp: station.LampBad, Fault: &station.Fault{Code: station.PrinterOff}},
		{Lamp: station.LampBad, Fault: &station.Fault{Code: station.Certificate}},
	} {
		word, mood := c.printerState(&p)
		if seen[word] || mood.Icon == "" {
			t.Errorf("%+v is shown as %q", p, word)
		}
		seen[word] = true
	}
}
