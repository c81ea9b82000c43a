package discovery

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// Limits on what is believed of a network. A floor of offices has some dozens of
// printers.
const (
	maxPackets   = 1000
	maxInstances = 64
	maxHosts     = 64
	maxAddresses = 8 // of one host
)

// The kinds of service that are asked for, the safer one first.
const (
	secureService = "_ipps._tcp.local."
	plainService  = "_ipp._tcp.local."
)

// instance is one printer under one kind of service; its parts come one by one.
type instance struct {
	name   string // as the network wrote it, with its capitals
	secure bool
	host   string // "" until known
	port   uint16
	txt    map[string]string // nil until known
}

// known is what was heard so far. Keys are names in lower case.
type known struct {
	own       map[netip.Addr]bool
	packets   int
	instances map[string]*instance
	hosts     map[string][]netip.Addr
}

func newKnown(own map[netip.Addr]bool) *known {
	return &known{own: own, instances: map[string]*instance{}, hosts: map[string][]netip.Addr{}}
}

// take learns from one answer; what is none is left.
func (k *known) take(p packet) {
	var m dns.Msg
	if k.packets++; k.packets > maxPackets || m.Unpack(p.data) != nil || !m.Response || m.Rcode != dns.RcodeSuccess {
		return
	}
	all := slices.Concat(m.Answer, m.Extra)
	for _, r := range all { // who is there first, then what they say
		if ptr, ok := r.(*dns.PTR); ok {
			k.pointer(ptr)
		}
	}
	for _, r := range all {
		switch r := r.(type) {
		case *dns.SRV:
			if i := k.instances[lower(r.Hdr.Name)]; i != nil && isHost(r.Target) && r.Port != 0 {
				i.host, i.port = lower(r.Target), r.Port
			}
		case *dns.TXT:
			if i := k.instances[lower(r.Hdr.Name)]; i != nil {
				i.txt = parseTXT(r.Txt)
			}
		case *dns.A:
			k.address(r.Hdr.Name, r.A, p.from)
		case *dns.AAAA:
			k.address(r.Hdr.Name, r.AAAA, p.from)
		}
	}
}

// pointer notes an instance of a service that was asked for.
func (k *known) pointer(r *dns.PTR) {
	service, name := lower(r.Hdr.Name), lower(r.Ptr)
	if service != secureService && service != plainService || !strings.HasSuffix(name, "."+service) ||
		dns.CountLabel(name) != dns.CountLabel(service)+1 || k.instances[name] != nil || len(k.instances) >= maxInstances {
		return
	}
	k.instances[name] = &instance{name: r.Ptr, secure: service == secureService}
}

// address notes where a host is. This machine alone may say that something is
// on this machine.
func (k *known) address(name string, ip []byte, from netip.Addr) {
	addr, ok := netip.AddrFromSlice(ip)
	addr = addr.Unmap()
	here := k.own[from] || from.IsLoopback()
	if !ok || addr.IsUnspecified() || addr.IsMulticast() || addr.IsLinkLocalUnicast() && addr.Is6() ||
		addr.IsLoopback() && !here || !isHost(name) {
		return
	}
	host := lower(name)
	have := k.hosts[host]
	if slices.Contains(have, addr) || len(have) >= maxAddresses || have == nil && len(k.hosts) >= maxHosts {
		return
	}
	k.hosts[host] = append(have, addr)
}

// questions are what to ask next: who is there, and what is missing of whom.
func (k *known) questions() []dns.Question {
	ask := []dns.Question{question(secureService, dns.TypePTR), question(plainService, dns.TypePTR)}
	for name, i := range k.instances {
		if i.host == "" {
			ask = append(ask, question(name, dns.TypeSRV))
		} else if k.hosts[i.host] == nil {
			ask = append(ask, question(i.host, dns.TypeA), question(i.host, dns.TypeAAAA))
		}
		if i.txt == nil {
			ask = append(ask, question(name, dns.TypeTXT))
		}
	}
	return ask
}

func question(name string, kind uint16) dns.Question {
	return dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET}
}

func lower(name string) string { return strings.ToLower(name) }

// isHost tells whether a name is of letters, digits and hyphens, as a host's is
// (RFC 1123 section 2.1), and so has nothing that an address could be broken with.
func isHost(name string) bool {
	name = strings.TrimSuffix(name, ".")
	if name == "" || len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}
