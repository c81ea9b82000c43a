package device

import (
	"slices"
	"strings"
)

// Codes for what a printer needs or suffers. Screens have a text for each.
const (
	MediaEmpty  = "media-empty"
	MediaNeeded = "media-needed"
	MediaJam    = "media-jam"
	MediaLow    = "media-low"
	TrayMissing = "tray-missing"
	DoorOpen    = "door-open"
	TonerEmpty  = "toner-empty"
	TonerLow    = "toner-low"
	WasteFull   = "waste-full"
	OutputFull  = "output-full"
	Paused      = "paused"
	Offline     = "offline"
	ShuttingOff = "shutdown"
	SpoolFull   = "spool-full"
	TooHot      = "too-hot"
	ServiceCall = "service-needed"
	OtherReason = "other"
)

// reasonsByKeyword are the printer-state-reasons keywords of RFC 8011 section
// 5.4.12 and PWG 5100.9, without their severity suffix.
var reasonsByKeyword = []struct{ keyword, code string }{
	{"media-jam", MediaJam},
	{"media-path-jam", MediaJam},
	{"media-empty", MediaEmpty},
	{"input-media-supply-empty", MediaEmpty},
	{"media-needed", MediaNeeded},
	{"input-manual-input-request", MediaNeeded},
	{"input-tray-missing", TrayMissing},
	{"output-tray-missing", TrayMissing},
	{"cover-open", DoorOpen},
	{"door-open", DoorOpen},
	{"interlock-open", DoorOpen},
	{"toner-empty", TonerEmpty},
	{"marker-supply-empty", TonerEmpty},
	{"marker-toner-cartridge-missing", TonerEmpty},
	{"marker-waste-full", WasteFull},
	{"marker-waste-toner-receptacle-full", WasteFull},
	{"output-area-full", OutputFull},
	{"spool-area-full", SpoolFull},
	{"timed-out", Offline},
	{"connecting-to-device", Offline},
	{"offline", Offline},
	{"shutdown", ShuttingOff},
	{"power-down", ShuttingOff},
	{"fuser-over-temp", TooHot},
	{"motor-failure", ServiceCall},
	{"opc-life-over", ServiceCall},
	{"subunit-unrecoverable-failure", ServiceCall},
	{"subunit-life-over", ServiceCall},
	{"paused", Paused},
	{"moving-to-paused", Paused},
	{"stopped-partly", Paused},
	{"stopping", Paused},
	{"media-low", MediaLow},
	{"input-media-supply-low", MediaLow},
	{"toner-low", TonerLow},
	{"marker-supply-low", TonerLow},
	{"marker-waste-almost-full", TonerLow},
	{"output-area-almost-full", OutputFull},
}

// Reasons maps a printer's printer-state-reasons keywords to codes, each once
// and the worst first. Pure reports and "none" are left out; what has no code
// is OtherReason.
func Reasons(keywords []string) []string {
	var codes []string
	for _, k := range keywords {
		code, ok := reasonOf(k)
		if ok && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	slices.SortStableFunc(codes, func(a, b string) int { return rank(a) - rank(b) })
	return codes
}

func reasonOf(keyword string) (code string, ok bool) {
	base := strings.TrimSuffix(strings.TrimSuffix(keyword, "-error"), "-warning")
	base, report := strings.CutSuffix(base, "-report")
	if report || base == "none" || base == "" {
		return "", false
	}
	for _, r := range reasonsByKeyword {
		if r.keyword == base {
			return r.code, true
		}
	}
	return OtherReason, true
}

// NeedsPerson reports whether somebody has to walk to the printer before it
// goes on: the code is more than an early warning.
func NeedsPerson(code string) bool {
	switch code {
	case MediaLow, TonerLow, OtherReason:
		return false
	}
	return true
}

func rank(code string) int {
	for i, r := range reasonsByKeyword {
		if r.code == code {
			return i
		}
	}
	return len(reasonsByKeyword)
}
