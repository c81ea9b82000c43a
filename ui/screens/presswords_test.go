package screens

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
	"espero-soft.com/printroom/vault/store"
)

// deviceCodes reads the codes that printer/device names off its source, so
// that a new one is missed here.
func deviceCodes(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../printer/device/reason.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for _, d := range file.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			for _, v := range s.(*ast.ValueSpec).Values {
				code, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				codes = append(codes, code)
			}
		}
	}
	return codes
}

// TestEveryReasonHasAText holds what the press may be asked to say against
// what the languages can say.
func TestEveryReasonHasAText(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{"screen.press", "rail.press", "key.screen.press"}
	codes := deviceCodes(t)
	if len(codes) < 17 {
		t.Fatalf("only %d device codes were found", len(codes))
	}
	for _, code := range codes {
		keys = append(keys, "device."+code+".what", "device."+code+".do")
		if !slices.Contains(DeviceCodes(), code) {
			t.Errorf("the screens don't know %s", code)
		}
	}
	for _, r := range slices.Concat(station.ReprintReasons(), station.PullReasons()) {
		keys = append(keys, "reason."+string(r))
	}
	for _, o := range []wire.OrderKind{wire.OrderCancel, wire.OrderErase, wire.OrderRecall} {
		keys = append(keys, "about."+string(o)+".what")
	}
	for _, s := range States() {
		if key := aboutKey(&station.Job{State: s}); key != "" {
			keys = append(keys, key)
		}
	}
	for _, kind := range []viewmodel.PileKind{viewmodel.PileUncertain, viewmodel.PileOrders, viewmodel.PileHeld} {
		keys = append(keys, "pile."+string(kind), "pile."+string(kind)+".under", "pile."+string(kind)+".about")
	}
	for _, l := range []station.Lamp{station.LampOK, station.LampBusy, station.LampOff, station.LampBad} {
		keys = append(keys, "press.printer."+string(l))
	}
	for _, column := range pressColumns() {
		keys = append(keys, "column."+column.Key)
	}
	wantWords(t, c, keys, (&Press{at: &Context{}, model: viewmodel.NewPress(nil, nil)}).Shortcuts())
}

// TestWhatIsAskedOfEachState: no state leaves a person without a word.
func TestWhatIsAskedOfEachState(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	at := &Context{Kit: &widgets.Kit{}, Texts: func() *language.Texts { return c.In("en") }}
	asked := func(j station.Job) string {
		text, _ := at.asked(&j)
		return text
	}
	for _, s := range States() {
		if asked(station.Job{State: s, Hold: station.PageCount}) == "" {
			t.Errorf("%s: nothing", s)
		}
	}
	for want, j := range map[string]station.Job{
		"Look for it":       {State: store.Uncertain},
		"Take out, destroy": {State: store.DeviceDone, Order: wire.OrderCancel},
		"Wait":              {State: store.Sent, Order: wire.OrderCancel},
		"Again: Paper jam":  {State: store.Ready, Reprint: station.ReasonJam},
		"Central’s word":    {State: store.Confirmed, Scanned: true},
	} {
		if got := asked(j); got != want {
			t.Errorf("%s: %q, want %q", j.State, got, want)
		}
	}
	for _, code := range DeviceCodes() {
		if m := deviceMood(code); m.Icon == "" {
			t.Errorf("%s has no icon", code)
		}
	}
	if got := media([]string{"iso_a4_210x297mm", "iso_c5_162x229mm", "odd", "iso_a4_210x297mm"}); got != "A4, C5" {
		t.Errorf("the trays have %q", got)
	}
}

// TestWhyOfALetterPrintedAgain: the reason that a person gave is no fault.
func TestWhyOfALetterPrintedAgain(t *testing.T) {
	c := english(t)
	what, body := c.whyTexts(&station.Job{State: store.Ready, Hold: "jam", Reprint: station.ReasonJam})
	if what != "Again: Paper jam" || body != "" {
		t.Errorf("%q, %q", what, body)
	}
}
