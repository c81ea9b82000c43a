package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// Config says how to look. The zero value looks for three seconds.
type Config struct {
	Time time.Duration
	// Resolve says which addresses a name has here; nil asks the system. A name
	// that it does not know is replaced by its address.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
}

// ErrNetwork says that there was no network to ask on.
var ErrNetwork = errors.New("discovery: no network to look on")

// Find asks every network for printers and returns those that answered, by
// name. It takes Config.Time, or until ctx ends.
//
// The questions are one-shot ones (RFC 6762 section 5.1), asked thrice because
// answers get lost, from ports of their own: nothing of ours listens on port
// 5353, and a daemon that does is not in the way.
func Find(ctx context.Context, c Config) ([]Found, error) {
	if c.Time == 0 {
		c.Time = 3 * time.Second
	}
	if c.Resolve == nil {
		c.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	lines, err := open()
	if err != nil {
		return nil, err
	}
	look, cancel := context.WithTimeout(ctx, c.Time)
	packets := make(chan packet)
	var readers sync.WaitGroup
	for _, l := range lines {
		readers.Go(func() { l.read(look, packets) })
	}
	k, err := gather(look, lines, packets, c.Time)
	cancel()
	for _, l := range lines {
		err = errors.Join(err, l.Close())
	}
	readers.Wait()
	if err != nil {
		return nil, err
	}
	return k.found(context.WithoutCancel(ctx), c.Resolve), nil
}

// gather asks and takes the answers until ctx ends.
func gather(ctx context.Context, lines []*line, packets <-chan packet, all time.Duration) (*known, error) {
	k := newKnown(ownAddresses())
	pauses := []time.Duration{0, all / 5, all / 3}
	next := time.NewTimer(0)
	defer next.Stop()
	for round := 0; ; {
		select {
		case <-ctx.Done():
			return k, nil
		case p := <-packets:
			k.take(p)
		case <-next.C:
			if err := ask(lines, k.questions()); err != nil && round == 0 {
				return nil, err
			}
			if round++; round < len(pauses) {
				next.Reset(pauses[round])
			}
		}
	}
}

// ask asks each question on every line; it fails when no line took one.
func ask(lines []*line, questions []dns.Question) error {
	var last error
	taken := false
	for _, q := range questions {
		m := &dns.Msg{Question: []dns.Question{q}}
		m.Id = dns.Id()
		data, err := m.Pack()
		if err != nil {
			continue // somebody made the name up to be no name
		}
		for _, l := range lines {
			if err := l.send(data); err != nil {
				last = err
			} else {
				taken = true
			}
		}
	}
	if !taken {
		return fmt.Errorf("%w: %w", ErrNetwork, last)
	}
	return nil
}
