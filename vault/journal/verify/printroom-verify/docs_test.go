package main

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"espero-soft.com/printroom/vault/journal/verify"
)

// What the program says as JSON, and its flags, are those that are described.
func TestTheDescriptionNamesAll(t *testing.T) {
	text, err := os.ReadFile("../../../../docs/journal.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Verifier\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !ok {
		t.Fatal("there is no such section")
	}
	for _, v := range []any{verify.Result{}, verify.Report{}, verify.Fault{}, verify.Counts{}, verify.Sequences{}, finding{}} {
		for f := range reflect.TypeOf(v).Fields() {
			if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "" && !strings.Contains(section, "`"+key+"`") {
				t.Errorf("%T: %s is not described", v, key)
			}
		}
	}
	for _, kind := range []verify.FaultKind{
		verify.FaultForm, verify.FaultOrder, verify.FaultChain, verify.FaultLog, verify.FaultSeal,
		verify.FaultStart, verify.FaultCut, verify.FaultKeys, verify.FaultContinues, verify.FaultCheckpoint,
	} {
		if !strings.Contains(section, "| `"+string(kind)+"` |") {
			t.Errorf("the kind %s is not described", kind)
		}
	}
	for _, option := range []string{"--keys", "--checkpoint", "--allow-unsealed", "--note", "--json"} {
		if !strings.Contains(section, option) || !strings.Contains(help, option) {
			t.Errorf("%s is not described", option)
		}
	}
}
