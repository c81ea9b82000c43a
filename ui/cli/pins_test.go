package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
)

const fresh = "730518"

func TestSetPIN(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "pin", "set", "--person", "p2", "--code-file", tokenFile(t, "7QK2 M9T4\n"), "--pin-fd", pipe(t, fresh+"\n"), "--config", "a.toml")
	if diff := cmp.Diff([]string{"setpin p2 7QK2 M9T4 " + fresh, "close"}, r.room.asked); diff != "" || r.config != "a.toml" {
		t.Errorf("asked (-want +got):\n%s\nsettings %q", diff, r.config)
	}
	if said := r.out.String() + r.err.String(); !strings.Contains(said, "p2") || strings.Contains(said, fresh) {
		t.Errorf("it said %q", said)
	}
}

func TestSetPINFails(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"--code-file", tokenFile(t, "CODE")}, "--person"},
		{[]string{"--person", "p2"}, "--code-file"},
		{[]string{"--person", "p2", "--code-file", tokenFile(t, " ")}, "holds no code"},
	} {
		r := newRun(t, "en", "")
		r.wantExit(t, 1, append([]string{"pin", "set", "--pin-fd", pipe(t, fresh)}, c.args...)...)
		r.wantSaid(t, c.says)
		if len(r.room.asked) != 0 {
			t.Errorf("%s: asked %q", c.says, r.room.asked)
		}
	}
	r := newRun(t, "fr", "")
	r.room.fail["setpin"] = &station.Fault{Code: station.PINCode}
	r.wantExit(t, 1, "pin", "set", "--person", "p2", "--code-file", tokenFile(t, "CODE"), "--pin-fd", pipe(t, fresh))
	r.wantSaid(t, r.Texts.Say("fault.pin_code.what"), r.Texts.Say("fault.pin_code.do"))
}

func TestChangePIN(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "pin", "change", "--person", "p1", "--pin-fd", pipe(t, pin), "--new-pin-fd", pipe(t, fresh))
	if diff := cmp.Diff([]string{"unlock p1", "changepin " + pin + " " + fresh, "close"}, r.room.asked); diff != "" || r.room.pin != pin {
		t.Errorf("unlocked with %q, asked (-want +got):\n%s", r.room.pin, diff)
	}
	r = newRun(t, "en", "")
	r.room.fail["unlock"] = &station.Fault{Code: station.PINBlocked}
	r.wantExit(t, 1, "pin", "change", "--person", "p1", "--pin-fd", pipe(t, pin), "--new-pin-fd", pipe(t, fresh))
	r.wantSaid(t, r.Texts.Say("fault.pin_blocked.what"))
	if diff := cmp.Diff([]string{"unlock p1", "close"}, r.room.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	r = newRun(t, "en", "")
	fd := pipe(t, pin+"\n"+fresh+"\n")
	r.wantExit(t, 1, "pin", "change", "--person", "p1", "--pin-fd", fd, "--new-pin-fd", fd)
	r.wantSaid(t, "--new-pin-fd")
}

func TestPeople(t *testing.T) {
	r := newRun(t, "en", "")
	r.room.people = []station.Person{
		{Pseudonym: "p1", Name: "Anna Peeters", Role: "operator", Language: "nl", PIN: station.PINIsSet, Tries: 3},
		{Pseudonym: "p2", Name: "Luc Dubois", Role: "admin", Language: "fr", PIN: station.PINIsUnset, Tries: -1},
	}
	got := r.json(t, 0, "people", "--json")
	want := map[string]any{"people": []any{
		map[string]any{"person": "p1", "name": "Anna Peeters", "role": "operator", "language": "nl", "pin": "set", "tries": 3.0},
		map[string]any{"person": "p2", "name": "Luc Dubois", "role": "admin", "language": "fr", "pin": "unset", "tries": nil},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
	r.out.Reset()
	r.wantExit(t, 0, "people")
	if lines := strings.Split(strings.TrimSpace(r.out.String()), "\n"); len(lines) != 2 || !strings.HasPrefix(lines[0], "p1 ") ||
		!strings.Contains(lines[1], "unset") || !strings.HasSuffix(lines[1], "Luc Dubois") {
		t.Errorf("it said %q", r.out.String())
	}
}

// TestExportByTwo: where the policy wants two people, both show their PINs before
// anything is written, and where it does not nobody is asked.
func TestExportByTwo(t *testing.T) {
	r := newRun(t, "en", "")
	r.wantExit(t, 0, "journal", "export", t.TempDir())
	if diff := cmp.Diff([]string{"export", "close"}, r.room.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	strict := func() *run {
		r := newRun(t, "en", "")
		r.room.snapshot.Policy.SecondPerson = map[wire.SecondPersonAct]bool{wire.ActJournalExport: true}
		return r
	}
	r = strict()
	r.wantExit(t, 1, "journal", "export", t.TempDir(), "--person", "p1", "--pin-fd", pipe(t, pin))
	r.wantSaid(t, r.Texts.Say("fault.second_person.what"), "--second")
	if diff := cmp.Diff([]string{"close"}, r.room.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	r = strict()
	r.wantExit(t, 0, "journal", "export", t.TempDir(), "--person", "p1", "--pin-fd", pipe(t, pin), "--second", "p2", "--second-pin-fd", pipe(t, fresh))
	if diff := cmp.Diff([]string{"unlock p1", "approve journal_export p2 " + fresh, "export", "close"}, r.room.asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	r = strict()
	r.room.fail["approve"] = &station.Fault{Code: station.WrongPIN}
	r.wantExit(t, 1, "journal", "export", t.TempDir(), "--person", "p1", "--pin-fd", pipe(t, pin), "--second", "p2", "--second-pin-fd", pipe(t, fresh))
	if diff := cmp.Diff([]string{"unlock p1", "approve journal_export p2 " + fresh, "close"}, r.room.asked); diff != "" {
		t.Errorf("a wrong PIN: asked (-want +got):\n%s", diff)
	}
}

// TestErrands are instructions about a letter that another person may have to
// agree to.
func TestErrands(t *testing.T) {
	for _, c := range []struct{ line, want, cause string }{
		{"override " + string(code), "override L-1 alone", ""},
		{"override " + string(code) + " second p2", "override L-1 p2 " + fresh, ""},
		{"keep " + string(code) + " longer second p2", "keep L-1 true p2 " + fresh, ""},
		{"keep " + string(code) + " usual", "keep L-1 false alone", ""},
		{"keep " + string(code), "", "longer|usual"},
		{"keep " + string(code) + " second p2", "", "longer|usual"},
		{"override", "", "say which letter"},
		{"override 0000", "", "no code"},
		{"override " + string(code) + " now", "", "not understood"},
	} {
		r := newRun(t, "en", c.line+"\nquit\n")
		r.room.scanned = station.Job{ID: "L-1"}
		r.Run(t.Context(), []string{"work", "--person", "p1", "--pin-fd", pipe(t, pin), "--second-pin-fd", pipe(t, fresh+"\n")})
		asked := strings.Join(r.room.asked, ", ")
		if c.want != "" && !strings.Contains(asked, c.want) || c.want == "" && (strings.Contains(asked, "override L") || strings.Contains(asked, "keep L")) {
			t.Errorf("%q asked %s", c.line, asked)
		}
		if !strings.Contains(r.out.String(), c.cause) {
			t.Errorf("%q answered %s", c.line, r.out.String())
		}
	}
}
