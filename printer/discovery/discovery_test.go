package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/mdns"
	"github.com/miekg/dns"
)

// zones answers for several services of one host, as a print server does.
type zones []*mdns.MDNSService

func (z zones) Records(q dns.Question) (all []dns.RR) {
	for _, s := range z {
		all = append(all, s.Records(q)...)
	}
	return all
}

func service(t *testing.T, name, kind string, port int, txt ...string) *mdns.MDNSService {
	t.Helper()
	s, err := mdns.NewMDNSService(name, kind, "local.", "printserver.local.", port, []net.IP{net.IPv4(127, 0, 0, 1)}, txt)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func nameless(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }

// Another responder than avahi, on the loopback; two queues of one host are two
// printers. Whatever else answers on this machine is none of the test's.
func TestFindsEveryPrinterOfAHost(t *testing.T) {
	lo, err := net.InterfaceByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	const a, b = "urn:uuid:0a1b2c3d-0000-4000-8000-00000000000a", "urn:uuid:0a1b2c3d-0000-4000-8000-00000000000b"
	server, err := mdns.NewServer(&mdns.Config{Iface: lo, Zone: zones{
		service(t, "Discovery test A", "_ipp._tcp", 8631, "rp=ipp/a", "ty=Maker 1", "UUID=0a1b2c3d-0000-4000-8000-00000000000a"),
		service(t, "Discovery test A", "_ipps._tcp", 8632, "rp=ipp/a", "ty=Maker 1", "UUID=0a1b2c3d-0000-4000-8000-00000000000a"),
		service(t, "Discovery test B", "_ipp._tcp", 8631, "rp=/ipp/b", "product=(Maker 2)", "uuid=0A1B2C3D-0000-4000-8000-00000000000B"),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.Shutdown(); err != nil {
			t.Error(err)
		}
	}()
	found, err := Find(t.Context(), Config{Time: 2 * time.Second, Resolve: nameless})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []Found{
		{"Discovery test A", "ipps://127.0.0.1:8632/ipp/a", "Maker 1", a},
		{"Discovery test B", "ipp://127.0.0.1:8631/ipp/b", "Maker 2", b},
	} {
		if !slices.Contains(found, want) {
			t.Errorf("%+v is not in %+v", want, found)
		}
	}
	if n := len(slices.DeleteFunc(found, func(f Found) bool { return !strings.HasPrefix(f.Name, "Discovery test") })); n != 2 {
		t.Errorf("%d printers of two", n)
	}
}

func TestFindEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Find(ctx, Config{Time: time.Hour, Resolve: nameless}); err != nil {
		t.Error(err)
	}
}

// answer is a whole answer for one printer; change makes it a hostile one.
func answer(t testing.TB, change func(*dns.Msg)) packet {
	t.Helper()
	head := func(name string, kind uint16) dns.RR_Header {
		return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET | 1<<15, Ttl: 10}
	}
	const name = `HP\ LaserJet._ipps._tcp.local.`
	m := new(dns.Msg)
	m.Response = true
	m.Answer = []dns.RR{
		&dns.PTR{Hdr: head(secureService, dns.TypePTR), Ptr: name},
		&dns.SRV{Hdr: head(name, dns.TypeSRV), Target: "HP1.local.", Port: 631},
		&dns.TXT{Hdr: head(name, dns.TypeTXT), Txt: []string{"rp=ipp/print", "ty=HP"}},
		&dns.A{Hdr: head("hp1.local.", dns.TypeA), A: net.IPv4(192, 0, 2, 7)},
	}
	if change != nil {
		change(m)
	}
	data, err := m.Pack()
	if err != nil {
		t.Fatal(err)
	}
	return packet{data, netip.MustParseAddr("192.0.2.66")}
}

func foundIn(t testing.TB, resolve resolver, packets ...packet) []Found {
	t.Helper()
	k := newKnown(nil)
	for _, p := range packets {
		k.take(p)
	}
	return k.found(t.Context(), resolve)
}

func TestHostileAnswers(t *testing.T) {
	srv := func(m *dns.Msg) *dns.SRV { return m.Answer[1].(*dns.SRV) }
	txt := func(m *dns.Msg, s ...string) { m.Answer[2].(*dns.TXT).Txt = s }
	for name, c := range map[string]struct {
		change func(*dns.Msg)
		want   string // its address, "" for none
	}{
		"as it should be":     {nil, "ipps://192.0.2.7:631/ipp/print"},
		"no path said":        {func(m *dns.Msg) { txt(m, "ty=HP") }, "ipps://192.0.2.7:631/ipp/print"},
		"not an answer":       {func(m *dns.Msg) { m.Response = false }, ""},
		"no port":             {func(m *dns.Msg) { srv(m).Port = 0 }, ""},
		"a target of spaces":  {func(m *dns.Msg) { srv(m).Target = `a\032b.local.` }, ""},
		"a target with user":  {func(m *dns.Msg) { srv(m).Target = `me\@there.local.` }, ""},
		"a path that climbs":  {func(m *dns.Msg) { txt(m, "rp=../../admin") }, ""},
		"a path with a query": {func(m *dns.Msg) { txt(m, "rp=ipp/print?x=1") }, ""},
		"a path with a line":  {func(m *dns.Msg) { txt(m, `rp=ipp\013\010Host: x`) }, ""},
		"a path too long":     {func(m *dns.Msg) { txt(m, "rp="+strings.Repeat("a", 200)) }, ""},
		"this machine":        {func(m *dns.Msg) { m.Answer[3].(*dns.A).A = net.IPv4(127, 0, 0, 1) }, ""},
		"nowhere":             {func(m *dns.Msg) { m.Answer[3].(*dns.A).A = net.IPv4zero }, ""},
		"everybody":           {func(m *dns.Msg) { m.Answer[3].(*dns.A).A = net.IPv4(224, 0, 0, 1) }, ""},
		"another service":     {func(m *dns.Msg) { m.Answer[0].(*dns.PTR).Hdr.Name = "_ssh._tcp.local." }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := foundIn(t, nameless, answer(t, c.change))
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || got[0].URI != c.want) {
				t.Errorf("found %+v, want %q", got, c.want)
			}
		})
	}
}

// What is said is shown without what could deceive the eye or break a line.
func TestWordsAreEscaped(t *testing.T) {
	got := foundIn(t, nameless, answer(t, func(m *dns.Msg) {
		m.Answer[2].(*dns.TXT).Txt = []string{`ty=\226\128\174gnirts\027[31m` + strings.Repeat("x", 230), "UUID=not-one"}
	}))
	if len(got) != 1 || strings.ContainsFunc(got[0].Model, func(r rune) bool { return !unicode.IsPrint(r) }) || got[0].UUID != "" {
		t.Errorf("found %+q", got)
	}
}

// A name is used where the system knows it as the network does, and nowhere else.
func TestNamesAndAddresses(t *testing.T) {
	for place, resolved := range map[string]string{"hp1.local": "192.0.2.7", "192.0.2.7": "198.51.100.1"} {
		got := foundIn(t, func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr(resolved)}, nil
		}, answer(t, nil))
		if want := "ipps://" + place + ":631/ipp/print"; len(got) != 1 || got[0].URI != want {
			t.Errorf("found %+v, want %s", got, want)
		}
	}
}

// A network full of printers that are none fills no memory.
func TestFloodIsBounded(t *testing.T) {
	k := newKnown(nil)
	for n := range 3000 {
		k.take(answer(t, func(m *dns.Msg) {
			name, host := fmt.Sprintf("P%d._ipps._tcp.local.", n), fmt.Sprintf("h%d.local.", n)
			m.Answer[0].(*dns.PTR).Ptr, m.Answer[1].Header().Name, m.Answer[2].Header().Name, m.Answer[3].Header().Name = name, name, name, host
			m.Answer[1].(*dns.SRV).Target = host
		}))
	}
	if len(k.instances) > maxInstances || len(k.hosts) > maxHosts || len(k.questions()) > 2+4*maxInstances {
		t.Errorf("%d printers, %d hosts, %d questions", len(k.instances), len(k.hosts), len(k.questions()))
	}
}

func FuzzAnswer(f *testing.F) {
	f.Add(answer(f, nil).data)
	f.Add(answer(f, func(m *dns.Msg) { m.Answer[2].(*dns.TXT).Txt = []string{"rp=a", "TLS=1.3", `ty=\255\000`} }).data)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, got := range foundIn(t, nameless, packet{data, netip.MustParseAddr("192.0.2.66")}) {
			u, err := url.Parse(got.URI)
			if err != nil || u.Scheme != "ipps" && u.Scheme != "ipp" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || !strings.HasPrefix(u.Path, "/") {
				t.Errorf("address %q", got.URI)
			}
			if addr, err := netip.ParseAddr(u.Hostname()); err != nil || addr.IsLoopback() {
				t.Errorf("host %q", u.Hostname())
			}
			for _, s := range []string{got.Name, got.Model, got.UUID, got.URI} {
				if !utf8.ValidString(s) || utf8.RuneCountInString(s) > 1000 || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
					t.Errorf("%q is not fit to show", s)
				}
			}
		}
	})
}

func FuzzTXT(f *testing.F) {
	f.Add("rp=ipp/print")
	f.Add(`ty=\195\169t\195\169 "x" \\`)
	f.Add("=x")
	f.Add(`a\`)
	f.Fuzz(func(t *testing.T, text string) {
		pairs := parseTXT(slices.Repeat([]string{text, "n" + text}, 50))
		if len(pairs) > 2 {
			t.Errorf("%d keys of two strings", len(pairs))
		}
		for key := range pairs {
			if key == "" || key != strings.ToLower(key) || strings.ContainsAny(key, "=\x00\n") {
				t.Errorf("key %q", key)
			}
		}
		if p, ok := path(pairs); ok && (!strings.HasPrefix(p, "/") || len(p) > maxPath+1 || strings.ContainsAny(p, "\r\n ?#")) {
			t.Errorf("path %q", p)
		}
	})
}
