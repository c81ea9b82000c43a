package cli

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/cli/doctor"
	"espero-soft.com/printroom/ui/language"
)

func TestDoctorWithoutSettings(t *testing.T) {
	r := newRun(t, "en", "")
	got := r.json(t, 1, "doctor", "--json", "--config", filepath.Join(t.TempDir(), "none.toml"))
	checks := got["checks"].([]any)
	first := checks[0].(map[string]any)
	if got["ok"] != false || first["check"] != "settings" || first["level"] != "bad" || first["advice"] == "" || len(first) != 6 {
		t.Errorf("%v", first)
	}
	found := map[any]bool{}
	for _, c := range checks {
		found[c.(map[string]any)["check"]] = true
	}
	if !found["sandbox"] || !found["drawing"] || found["central"] {
		t.Errorf("it looked at %v", found)
	}
}

func TestDoctorInWords(t *testing.T) {
	_, config := stationFolder(t)
	r := newRun(t, "de", "")
	r.log.err = errors.New("cut")
	r.wantExit(t, 1, "doctor", "--config", config)
	lines := strings.Split(strings.TrimSpace(r.out.String()), "\n")
	for _, part := range []string{
		"bad   " + r.Texts.Say("doctor.authority.name"), "ok    " + r.Texts.Say("doctor.data_folder.name"),
		"bad   " + r.Texts.Say("doctor.printer.name"), r.Texts.Say("fault.printer_off.do"), "ok    " + r.Texts.Say("doctor.sandbox.name"),
	} {
		if !strings.Contains(r.out.String(), part) {
			t.Errorf("it said\n%s\nwant %q in it", r.out.String(), part)
		}
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "ok  ") && !strings.Contains(line, " — ") {
			t.Errorf("no advice: %s", line)
		}
	}
}

func TestEveryCheckHasWords(t *testing.T) {
	all, err := language.Load(assets.Translations, "translations")
	noError(t, err)
	for _, tag := range language.Tags() {
		for _, n := range doctor.Names() {
			for _, part := range []string{".name", ".advice"} {
				if key := "doctor." + string(n) + part; !all.In(tag).Has(key) {
					t.Errorf("%s has no %s", tag, key)
				}
			}
		}
	}
	r := newRun(t, "fr", "")
	worded := r.worded([]doctor.Check{{Name: doctor.TPM, Level: doctor.Bad, Fault: station.TPMPermission}})
	if want := r.Texts.Say("fault.tpm_permission.do"); !strings.Contains(worded[0].Advice, want) {
		t.Errorf("the advice is %q", worded[0].Advice)
	}
}
