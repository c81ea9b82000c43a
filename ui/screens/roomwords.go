package screens

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// printerState is a printer's state as a chip.
func (c *Context) printerState(p *station.Printer) (string, widgets.Mood) {
	switch p.Lamp {
	case station.LampOK:
		return c.say("room.state.ok"), widgets.Good("circle-check")
	case station.LampBusy:
		return c.say("room.state.busy"), widgets.Busy("loader-circle")
	case station.LampBad:
		if p.Fault != nil && (p.Fault.Code == station.PrinterOff || p.Fault.Code == station.Certificate) {
			return c.say("room.state." + string(p.Fault.Code)), widgets.Danger("octagon-alert")
		}
		return c.say("room.state.bad"), widgets.Danger("octagon-alert")
	}
	return c.say("room.state.off"), widgets.Calm("circle")
}

// medium is a medium's name for people: "A4" for "iso_a4_210x297mm".
func (c *Context) medium(name string) string {
	parts := strings.Split(name, "_")
	if _, err := device.ParseMedia(name); err != nil || len(parts) != 3 || parts[1] == "" {
		return name
	}
	size, unit := strings.TrimSuffix(parts[2], "mm"), " mm"
	if inches, ok := strings.CutSuffix(parts[2], "in"); ok {
		size, unit = inches, " in"
	}
	title := []rune(parts[1])
	title[0] = unicode.ToUpper(title[0])
	return c.say("room.medium", language.Args{"Name": string(title), "Size": strings.ReplaceAll(size, "x", " × ") + unit})
}

// few joins what a printer lists, as far as anybody reads.
func few(list []string) string {
	const most = 6
	if len(list) > most {
		list = append(slices.Clone(list[:most]), "…")
	}
	return strings.Join(list, ", ")
}

// fingerprint is a digest in groups that two people can read to each other.
func fingerprint(sum [32]byte) string {
	text := fmt.Sprintf("%X", sum[:])
	groups := make([]string, 0, 16)
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:i+4])
	}
	return strings.Join(groups, " ")
}

// halves is a fingerprint on two lines of one length.
func halves(print string) string {
	middle := len(print) / 2
	return print[:middle] + "\n" + strings.TrimSpace(print[middle:])
}

// date is a day with its year.
func (c *Context) date(at time.Time) string {
	at = at.In(c.Now().Location())
	return c.say("room.date", language.Args{"Day": c.Texts().Day(at), "Year": at.Format("2006")})
}

// size is a number of bytes for people.
func (c *Context) size(bytes int64) string {
	value, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if value < 1000 {
			break
		}
		value, unit = value/1000, next
	}
	if unit == "B" || value >= 100 {
		return c.Texts().Number(int(value+0.5)) + " " + unit
	}
	whole, tenth := int(value*10+0.5)/10, int(value*10+0.5)%10
	return c.say("room.decimal", language.Args{"Whole": whole, "Tenth": tenth}) + " " + unit
}

// certificateTone tells how near the end of the station's certificate is.
func (c *Context) certificateTone(m *viewmodel.Room) theme.Colour {
	if m.About == nil || m.About.CertificateEnd.IsZero() {
		return theme.Muted
	}
	switch left := m.About.CertificateEnd.Sub(c.Now()); {
	case left <= 0:
		return theme.Danger
	case left < 30*24*time.Hour:
		return theme.Warn
	}
	return theme.Good
}

// lampParts are the parts of the station that have a lamp, in the status line's
// order.
func lampParts() []string { return []string{"central", "tpm", "journal", "printer"} }

// lampLook is a lamp's icon and tone.
func lampLook(l station.Lamp) (icon string, tone theme.Colour) {
	switch l {
	case station.LampOK:
		return "circle-check", theme.Good
	case station.LampBusy:
		return "loader-circle", theme.Accent
	case station.LampBad:
		return "octagon-alert", theme.Danger
	}
	return "circle", theme.Muted
}
