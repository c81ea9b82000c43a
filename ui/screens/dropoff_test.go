package screens

import (
	"testing"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// TestEveryCodeOfADropOffHasAText holds what the screen may be asked to say
// against what the languages can say.
func TestEveryCodeOfADropOffHasAText(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, f := range station.Findings() {
		keys = append(keys, "finding."+string(f))
	}
	for _, r := range station.ReturnReasons() {
		keys = append(keys, "return."+string(r))
	}
	for _, s := range viewmodel.PieceStates() {
		keys = append(keys, "piece."+string(s))
	}
	for _, w := range viewmodel.SaidWords() {
		keys = append(keys, "dropoff.said."+string(w))
	}
	for _, column := range append(pieceColumns(), depositColumns()...) {
		keys = append(keys, "column."+column.Key)
	}
	d := &DropOff{at: &Context{}, model: viewmodel.NewDropOff(nil, nil), proof: &proof{model: viewmodel.NewProof(nil, nil), disk: &folder{}}}
	wantWords(t, c, keys, d.Shortcuts())
}

// TestMoodsOfADropOffHaveTheirIcons keeps states and findings apart for who sees
// no colour.
func TestMoodsOfADropOffHaveTheirIcons(t *testing.T) {
	var moods []widgets.Mood
	for _, f := range station.Findings() {
		moods = append(moods, findingMood(f))
	}
	for _, s := range viewmodel.PieceStates() {
		moods = append(moods, pieceMood(viewmodel.PieceRow{State: s}))
	}
	for _, w := range viewmodel.SaidWords() {
		moods = append(moods, saidMood(w))
	}
	for _, v := range []station.DepositView{{}, {Pieces: 1}, {Pieces: 1, Receipts: 1}, {Pieces: 1, Receipts: 1, Acknowledged: true}} {
		moods = append(moods, proofMood(v))
	}
	for _, m := range moods {
		if _, err := assets.Icons.ReadFile("icons/" + m.Icon + ".svg"); err != nil {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if findingMood(station.FindingMatched).Icon == findingMood(station.FindingForeign).Icon {
		t.Error("what is ours and what is not look the same")
	}
}

// TestAddressesOfFiles: what a file manager copies is a path or an address.
func TestAddressesOfFiles(t *testing.T) {
	for text, want := range map[string]string{
		"/tmp/a.png": "/tmp/a.png", "file:///tmp/a%20b.png": "/tmp/a b.png", `C:\scans\a.png`: `C:\scans\a.png`, "": "",
	} {
		if got := fromAddress(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
