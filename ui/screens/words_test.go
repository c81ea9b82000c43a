package screens

import (
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// TestEveryCodeHasAText holds what the window may be asked to say against what
// the languages can say.
func TestEveryCodeHasAText(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, code := range station.FaultCodes() {
		keys = append(keys, "fault."+string(code)+".what", "fault."+string(code)+".means", "fault."+string(code)+".do")
	}
	for _, s := range States() {
		keys = append(keys, "state."+string(s))
	}
	for _, p := range postal.Products() {
		keys = append(keys, "product."+string(p))
	}
	for _, column := range queueColumns() {
		keys = append(keys, "column."+column.Key)
	}
	for _, role := range []string{"operator", "supervisor", "admin"} {
		keys = append(keys, "role."+role)
	}
	for _, part := range []string{"central", "tpm", "journal", "printer"} {
		for _, state := range []station.Lamp{station.LampOK, station.LampBusy, station.LampOff, station.LampBad} {
			keys = append(keys, "lamp."+part+"."+string(state), "lamp."+part+".about")
		}
	}
	q := &Queue{at: &Context{}, model: viewmodel.NewQueue(nil, nil), preview: viewmodel.NewPreview(nil, nil)}
	wantWords(t, c, keys, q.Shortcuts())
}

// TestStatesDifferByIconToo keeps states apart for who sees no colour.
func TestStatesDifferByIconToo(t *testing.T) {
	if stateMood("UNCERTAIN") == stateMood("HELD") || stateMood("READY") == stateMood("DEVICE_DONE") {
		t.Error("two states look the same")
	}
	for _, s := range States() {
		m := stateMood(s)
		if m.Icon == "" {
			t.Errorf("%s has no icon", s)
		}
		if _, err := assets.Icons.ReadFile("icons/" + m.Icon + ".svg"); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	if faultMood(station.JournalBroken) == (widgets.Mood{}) {
		t.Error("a fault has no mood")
	}
}

// wantWords wants every language to have the keys, and those of the shortcuts.
func wantWords(t *testing.T, c *language.Catalogue, keys []string, shortcuts []Shortcut) {
	t.Helper()
	for _, s := range shortcuts {
		if s.Message != "" {
			keys = append(keys, s.Message)
		}
	}
	for _, tag := range language.Tags() {
		for _, key := range keys {
			if !c.In(tag).Has(key) {
				t.Errorf("%s has no %s", tag, key)
			}
		}
	}
}
