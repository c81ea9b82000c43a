package ipp_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/device"
	"espero-soft.com/printroom/printer/ipp"
	"espero-soft.com/printroom/printer/virtual"
)

func TestCertificate(t *testing.T) {
	printer, proxy, _ := faulty(t, nil)
	pin := printer.Pin()
	pin[0] ^= 1
	client := dial(t, ipp.Config{URI: proxy.URI(), Pin: pin})
	if _, err := client.Create(t.Context(), a4Ticket(1)); !errors.Is(err, ipp.ErrCertificate) || errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("another certificate: %v", err)
	}
	if got := proxy.Operations(); len(got) != 0 {
		t.Errorf("%d requests got through", len(got))
	}
	identity, err := ipp.Identify(t.Context(), proxy.URI(), time.Second)
	if err != nil || identity.Pin != printer.Pin() || identity.Subject != "CN=localhost" {
		t.Errorf("%+v, %v", identity, err)
	}
	if _, err := ipp.Dial(ipp.Config{URI: proxy.URI()}); err == nil {
		t.Error("ipps without a pin")
	}
}

func TestPlainStaysHere(t *testing.T) {
	for _, uri := range []string{"ipp://192.0.2.1/ipp/print", "ipp://printer.example:631/ipp/print", "ipp://localhost.example/ipp"} {
		if _, err := ipp.Dial(ipp.Config{URI: uri}); !errors.Is(err, ipp.ErrPlain) {
			t.Errorf("%s: %v", uri, err)
		}
		if _, err := ipp.Dial(ipp.Config{URI: uri, AllowPlain: true}); err != nil {
			t.Errorf("%s, allowed: %v", uri, err)
		}
	}
	for _, uri := range []string{"http://localhost/", "ipp://", "ipp://u:p@localhost/", "ipp://localhost/?q", "%zz"} {
		if _, err := ipp.Dial(ipp.Config{URI: uri, AllowPlain: true}); err == nil {
			t.Errorf("%q was taken", uri)
		}
	}
}

func TestHostileAnswers(t *testing.T) {
	_, proxy, client := faulty(t, nil)
	message := func(groups ...ipp.Group) []byte {
		b, err := (&ipp.Message{Major: 2, RequestID: 1, Groups: groups}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	status := func(attributes ...ipp.Attribute) []byte {
		return message(ipp.Group{Tag: ipp.TagPrinter, Attributes: append(attributes, ipp.Attr("printer-up-time", ipp.Integer(-5)))})
	}
	for name, fault := range map[string]virtual.Fault{
		"1 GiB of attributes": {Flood: 1 << 30},
		"garbage":             {Answer: []byte("<html>not found</html>")},
		"empty group":         {Answer: message()},
		"negative up-time":    {Answer: status(ipp.Attr("printer-state", ipp.Enum(3)))},
		"state 77":            {Answer: status(ipp.Attr("printer-state", ipp.Enum(77)))},
		"another request's":   {Answer: bytes.Replace(message(), []byte{0, 0, 0, 1}, []byte{0, 0, 9, 9}, 1)},
	} {
		client := dial(t, ipp.Config{URI: proxy.URI(), Pin: pinOf(t, proxy)}) // request numbers begin at 1
		proxy.Break(&fault)
		began := time.Now()
		if s, err := client.Status(t.Context()); !errors.Is(err, ipp.ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
	}
	proxy.Break(&virtual.Fault{Status: 503})
	var refused *ipp.StatusError
	if _, err := client.Status(t.Context()); !errors.As(err, &refused) || refused.HTTP != 503 || !refused.Busy() {
		t.Errorf("503: %v", err)
	}
	proxy.Break(&virtual.Fault{Status: 200})
	if _, err := client.Status(t.Context()); !errors.Is(err, ipp.ErrInterrupted) {
		t.Errorf("an answer of nothing: %v", err)
	}
}

func pinOf(t *testing.T, proxy *virtual.Proxy) [32]byte {
	t.Helper()
	identity, err := ipp.Identify(t.Context(), proxy.URI(), 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return identity.Pin
}

// TestSubstituted is a printer that takes the job and would print otherwise.
func TestSubstituted(t *testing.T) {
	printer, proxy, client := faulty(t, nil)
	if _, err := client.Describe(t.Context()); err != nil {
		t.Fatal(err)
	}
	answer, err := (&ipp.Message{Major: 2, Code: 1, RequestID: 2, Groups: []ipp.Group{
		{Tag: ipp.TagUnsupported, Attributes: []ipp.Attribute{ipp.Attr("sides\x1b", ipp.OutOfBand(ipp.TagUnsupportedValue))}},
		{Tag: ipp.TagJob, Attributes: []ipp.Attribute{ipp.Attr("job-id", ipp.Integer(1)), ipp.Attr("job-state", ipp.Enum(4))}},
	}}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	real := dial(t, ipp.Config{URI: printer.PlainURI()})
	if id, err := real.Create(t.Context(), a4Ticket(1)); err != nil || id != 1 {
		t.Fatal(id, err)
	}
	proxy.Break(&virtual.Fault{Operation: createJob, Answer: answer})
	var other *ipp.NotHonouredError
	if id, err := client.Create(t.Context(), a4Ticket(1)); !errors.As(err, &other) || id != 0 || other.Attributes[0] != `sides\x1b` {
		t.Errorf("%d, %v", id, err)
	}
	if job, err := real.Job(t.Context(), 1); err != nil || job.State != device.Canceled {
		t.Errorf("the job is left: %+v, %v", job, err)
	}
}
