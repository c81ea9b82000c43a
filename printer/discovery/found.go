package discovery

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"espero-soft.com/printroom/printer/ipp"
)

// resolveTime is how long the system may take to know the hosts' names.
const resolveTime = time.Second

type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

// found are the printers of which everything is known, each once, by name.
func (k *known) found(ctx context.Context, resolve resolver) []Found {
	places := k.places(ctx, resolve)
	byPrinter := map[string]Found{} // a printer of both services, under the safer
	for _, i := range k.instances {
		place := places[i.host]
		where, ok := path(i.txt)
		if place == "" || i.txt == nil || !ok {
			continue
		}
		scheme := "ipp"
		if i.secure || i.txt["tls"] != "" { // TLS: it can, on that port too
			scheme = "ipps"
		}
		f := Found{
			Name: ipp.Shown(label(i.name)), Model: model(i.txt), UUID: uuid(i.txt),
			URI: (&url.URL{Scheme: scheme, Host: net.JoinHostPort(place, strconv.Itoa(int(i.port))), Path: where}).String(),
		}
		key := f.UUID + " " + f.Name + " " + i.host + " " + where
		if _, twice := byPrinter[key]; !twice || i.secure {
			byPrinter[key] = f
		}
	}
	out := make([]Found, 0, len(byPrinter))
	for _, f := range byPrinter {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Found) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.URI, b.URI)
	})
	return out
}

// label is an instance's own part of its name.
func label(name string) string {
	labels := dns.SplitDomainName(name)
	if len(labels) == 0 {
		return ""
	}
	return unescape(labels[0])
}

// places are the hosts with how each is written in an address: by its name where
// the system knows that name as the network does, else by its address.
func (k *known) places(ctx context.Context, resolve resolver) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	var mu sync.Mutex
	var asked sync.WaitGroup
	out := map[string]string{}
	for host, addresses := range k.hosts {
		asked.Go(func() {
			name := strings.TrimSuffix(host, ".")
			place := preferred(addresses)
			if known, err := resolve(ctx, name); err == nil && slices.ContainsFunc(known, func(a netip.Addr) bool {
				return slices.Contains(addresses, a.Unmap())
			}) {
				place = name
			}
			mu.Lock()
			defer mu.Unlock()
			out[host] = place
		})
	}
	asked.Wait()
	return out
}

// preferred is the address that is most likely to be reached.
func preferred(addresses []netip.Addr) string {
	best := slices.MinFunc(addresses, func(a, b netip.Addr) int { return rank(a) - rank(b) })
	return best.String()
}

func rank(a netip.Addr) int {
	switch {
	case a.Is4() && !a.IsLinkLocalUnicast():
		return 0
	case a.Is6():
		return 1
	}
	return 2
}
