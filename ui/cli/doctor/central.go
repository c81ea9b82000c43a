package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"time"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/wire"
)

const (
	clockWarn = 5 * time.Second // central and the journal want the same day and minute
	clockBad  = 5 * time.Minute
)

// central asks the server something that only a station may know, and compares
// the clocks.
func (e *exam) central(ctx context.Context) {
	authority, err := settings.ReadAuthority(e.settings.Central.Authority)
	if err != nil {
		return // said already
	}
	trusted := []*x509.Certificate{authority}
	if e.holder != nil {
		trusted = e.holder.Authorities() // as the station itself does
	}
	roots := x509.NewCertPool()
	for _, c := range trusted {
		roots.AddCert(c)
	}
	own := e.own()
	c, err := client.New(client.Config{
		BaseURL: e.settings.Central.URL, Authorities: client.Fixed(trusted...), Timeout: e.Patience, Now: e.Now,
		Certificate: func() (*tls.Certificate, error) { return own, nil },
	})
	if err != nil {
		e.bad(Central, err)
		return
	}
	defer c.Close()
	_, err = c.Staff(ctx)
	var problem *wire.Problem
	switch {
	case err == nil:
		e.say(Central, OK, e.settings.Central.URL+" knows this station")
	case own == nil && errors.As(err, &problem):
		e.say(Central, OK, e.settings.Central.URL+" answers; it was not asked as a station")
	default:
		e.bad(Central, err)
	}
	if err == nil || problem != nil {
		e.clock(ctx, roots)
	}
}

// own is the station's certificate, nil where its key can't be used.
func (e *exam) own() *tls.Certificate {
	if e.holder == nil || e.chip == nil || e.chip.Fault() != nil {
		return nil
	}
	return e.holder.Certificate(e.chip.TLS())
}

// clock reads the time in the head of an answer, whatever the answer is.
func (e *exam) clock(ctx context.Context, roots *x509.CertPool) {
	theirs, off, err := e.compare(ctx, roots)
	detail := fmt.Sprintf("%s ahead of central's, which says %s", off.Round(time.Second), theirs.Format(time.RFC3339))
	switch {
	case err != nil:
		e.fail(Clock, Warn, err)
	case off.Abs() > clockBad:
		e.say(Clock, Bad, detail)
	case off.Abs() > clockWarn:
		e.say(Clock, Warn, detail)
	default:
		e.say(Clock, OK, "within "+clockWarn.String()+" of central's")
	}
}

func (e *exam) compare(ctx context.Context, roots *x509.CertPool) (theirs time.Time, off time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.Patience)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodHead, e.settings.Central.URL+"/v1/staff", nil)
	if err != nil {
		return theirs, 0, err
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: roots, Time: e.Now}}
	defer transport.CloseIdleConnections()
	answer, err := transport.RoundTrip(request)
	if err != nil {
		return theirs, 0, fmt.Errorf("compare the clocks: %w", err)
	}
	now := e.Now()
	if err := answer.Body.Close(); err != nil {
		return theirs, 0, fmt.Errorf("compare the clocks: %w", err)
	}
	theirs, err = http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return theirs, 0, errors.New("central does not say what time it is")
	}
	// The head has whole seconds, rounded down.
	return theirs, now.Sub(theirs.Add(time.Second / 2)), nil
}
