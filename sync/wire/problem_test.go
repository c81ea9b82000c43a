package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestProblemIsAnError(t *testing.T) {
	p := NewProblem(ProblemJournalFork, "at entry %d", 7)
	err := fmt.Errorf("push: %w", p)
	if !errors.Is(err, ProblemJournalFork) || errors.Is(err, ProblemJournalGap) {
		t.Errorf("errors.Is does not tell types apart: %v", err)
	}
	var back *Problem
	if !errors.As(err, &back) || back.Status != 409 || back.Detail != "at entry 7" {
		t.Errorf("%+v", back)
	}
	if p.Temporary() || !NewProblem(ProblemBusy, "").Temporary() {
		t.Error("a fork is for ever, busy is not")
	}
}

func TestDecodeProblem(t *testing.T) {
	text, err := json.Marshal(NewProblem(ProblemJournalGap, "begin at 5"))
	if err != nil {
		t.Fatal(err)
	}
	if p := DecodeProblem(strings.NewReader(string(text)), 409); p.Type != ProblemJournalGap || p.Detail != "begin at 5" {
		t.Errorf("%+v", p)
	}
	for name, body := range map[string]string{
		"empty": "", "HTML": "<html>bad gateway</html>", "no type": `{"title":"x"}`, "a list": `[]`,
		"too large":  `{"type":"x","detail":"` + strings.Repeat("a", MaxProblem) + `"}`,
		"two values": `{"type":"x"}{"type":"y"}`,
	} {
		if p := DecodeProblem(strings.NewReader(body), 502); p.Type != ProblemBlank || p.Status != 502 || !p.Temporary() {
			t.Errorf("%s: %+v", name, p)
		}
	}
	hostile := `{"type":"urn:x","title":"a\u001b[2Jb\u202ec","status":200,"detail":"` + strings.Repeat("é", 400) + `","size":-4}`
	p := DecodeProblem(strings.NewReader(hostile), 403)
	if strings.ContainsAny(p.Error()+p.Title, "\x1b\u202e") || len(p.Detail) > MaxDetailText || p.Status != 403 || p.Size != 0 {
		t.Errorf("%+v", p)
	}
}

func TestDecodeRequestIsStrict(t *testing.T) {
	var r ClaimRequest
	if err := DecodeRequest([]byte(`{"id":"a","max":3}`+"\n"), &r); err != nil || r.Max != 3 {
		t.Fatal(r, err)
	}
	for _, body := range []string{`{"id":"a","max":3,"more":1}`, `{"id":"a"} {}`, `{"id":"a"`, ``, `{"max":"3"}`} {
		if err := DecodeRequest([]byte(body), &r); err == nil {
			t.Errorf("%q was accepted", body)
		}
	}
	if err := DecodeAnswer(strings.NewReader(`{"id":"a","news":true}`), 100, &r); err != nil {
		t.Errorf("an answer may grow: %v", err)
	}
	if err := DecodeAnswer(strings.NewReader(strings.Repeat(" ", 101)), 100, &r); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
}

func FuzzDecodeProblem(f *testing.F) {
	f.Add([]byte(`{"type":"urn:bjet24:problem:journal-gap","title":"t","status":409,"size":12}`), 409)
	f.Add([]byte(`{"type":"about:blank","attempts":["0123456789ABC"],"jobs":[]}`), 500)
	f.Add([]byte("\xff\xfe{"), 400)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		p := DecodeProblem(strings.NewReader(string(body)), status)
		if p.Status != status || p.Type == "" || len(p.Detail) > MaxDetailText || len(p.Attempts) > MaxDepositAttempts {
			t.Fatalf("%+v", p)
		}
		text, err := json.Marshal(p)
		if err != nil || !utf8.Valid(text) {
			t.Fatalf("%q %v", text, err)
		}
		if again := DecodeProblem(strings.NewReader(string(text)), status); again.Error() != p.Error() {
			t.Fatalf("%q became %q", p, again)
		}
	})
}
