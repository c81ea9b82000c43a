package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestChooseRows(t *testing.T) {
	for wanted, want := range map[string]string{
		"": "1 1-two-workers 2 5 6a 6b 7 7-one-core 8-open 8-filter 9 13-letters 13-pages", "1": "1 1-two-workers", "5,2": "5 2", "1-two-workers": "1-two-workers",
		"13": "13-letters 13-pages", "4": "refused", "2,2": "refused", "1,": "refused",
	} {
		chosen, err := choose(rows(), wanted)
		var ids []string
		for _, r := range chosen {
			ids = append(ids, r.id)
		}
		if got := strings.Join(ids, " "); err == nil && got != want || (err != nil) != (want == "refused") {
			t.Errorf("%q: got %s, %v; want %s", wanted, got, err, want)
		}
	}
}

// scripted is a comparison whose runs take the given times in milliseconds.
func scripted(t *testing.T, ours, peer []int) row {
	t.Helper()
	next := func(of *[]int) func(context.Context) (time.Duration, error) {
		return func(context.Context) (time.Duration, error) {
			if len(*of) == 0 {
				return 0, errors.New("no run was planned")
			}
			took := time.Duration((*of)[0]) * time.Millisecond
			*of = (*of)[1:]
			return took, nil
		}
	}
	return row{id: "9", name: "nine", goal: 1, start: func(context.Context, options) (*sides, error) {
		return &sides{ours: next(&ours), peer: next(&peer), close: func() error { return nil }}, nil
	}}
}

func TestMeasureTakesMediansAndSpread(t *testing.T) {
	r := scripted(t, []int{9000, 10, 30, 20, 50, 40}, []int{1, 20, 20, 40, 20, 100})
	f, err := measure(t.Context(), r, options{runs: 5})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "bench.json")
	if err := writeJSON(path, "here", []figure{f}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got document
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	want := document{Machine: "here", Rows: []jsonRow{{
		Row: "9", Name: "nine", Unit: "s", Ours: 0.03, Peer: 0.02, Ratio: 1.5, Goal: 1, Runs: 5, Spread: [2]float64{0.4, 2.5},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := table("here", []figure{f}); !strings.Contains(got, "30.0 ms  20.0 ms  1.5    0.4–2.5  1     missed") {
		t.Errorf("got\n%s", got)
	}
}

func TestMeasureRefusesRunsThatFail(t *testing.T) {
	for name, r := range map[string]row{
		"a run missing":  scripted(t, []int{1, 1, 1, 1, 1}, []int{1, 1, 1, 1, 1, 1}),
		"a run for free": scripted(t, []int{1, 1, 1, 0, 1, 1}, []int{1, 1, 1, 1, 1, 1}),
	} {
		if f, err := measure(t.Context(), r, options{runs: 5}); err == nil {
			t.Errorf("%s: got %+v", name, f)
		}
	}
}

func TestGreyPixels(t *testing.T) {
	for file, ok := range map[string]bool{
		"P5\n2 1\n255\nab":            true,
		"P5\n# made by\n2 1\n255\nab": true,
		"P5\n2 1\n255\n\nb":           true,
		"P5\n2 1\n255\nabc":           false,
		"P5\n1 2\n255\nab":            false,
		"P6\n2 1\n255\nab":            false,
		"":                            false,
	} {
		pixels, err := greyPixels([]byte(file), 2, 1)
		if (err == nil) != ok || ok && len(pixels) != 2 {
			t.Errorf("%q: got %q, %v", file, pixels, err)
		}
	}
}

func TestLettersOpenThroughTheWholeStation(t *testing.T) {
	pdf, err := letterPDF(1)
	if err != nil {
		t.Fatal(err)
	}
	s, err := startStation(t.Context(), t.TempDir(), noWrap)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	before := s.device.Operations()
	if _, err := s.openClaims(t.Context(), 2, 3, pdf); err != nil {
		t.Fatal(err)
	}
	if n := s.device.Operations().KeyExchanges - before.KeyExchanges; n != 2 {
		t.Errorf("2 claims of 3 letters cost %d operations of K_doc", n)
	}
	if n := s.journal.Size(); n != 12 {
		t.Errorf("6 letters left %d entries", n)
	}
}
