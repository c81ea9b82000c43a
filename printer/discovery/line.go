package discovery

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

// maxPacket is the largest message of multicast DNS, RFC 6762 section 17.
const maxPacket = 9000

// maxBad is how many packets that can't be read a line bears with: on Windows a
// packet that is too large, or a port that nobody has, is an error of the line.
const maxBad = 100

// line is a socket of one address family, to all networks of this machine.
type line struct {
	net.PacketConn
	networks []net.Interface
	to       func(data []byte, network net.Interface) error
}

// packet is one answer and who sent it.
type packet struct {
	data []byte
	from netip.Addr
}

// open opens a line for each address family that this machine has.
func open() ([]*line, error) {
	networks, err := usable()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, err)
	}
	four, err4 := open4(networks)
	six, err6 := open6(networks)
	var lines []*line
	for _, l := range []*line{four, six} {
		if l != nil {
			lines = append(lines, l)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrNetwork, errors.Join(err4, err6))
	}
	return lines, nil
}

// usable are the networks that are up: this machine itself is one, where
// printers on a cable are.
func usable() ([]net.Interface, error) {
	all, err := net.Interfaces()
	var out []net.Interface
	for _, i := range all {
		if i.Flags&net.FlagUp != 0 && i.Flags&(net.FlagMulticast|net.FlagLoopback) != 0 {
			out = append(out, i)
		}
	}
	return out, err
}

func open4(networks []net.Interface) (*line, error) {
	conn, err := net.ListenPacket("udp4", "0.0.0.0:0")
	if err != nil {
		return nil, err
	}
	p, group := ipv4.NewPacketConn(conn), &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353}
	if err := p.SetMulticastTTL(255); err != nil { // RFC 6762 section 11
		return nil, errors.Join(err, conn.Close())
	}
	return &line{conn, networks, func(data []byte, network net.Interface) error {
		// The system gives no sender to what leaves by the loopback.
		_, err := p.WriteTo(data, &ipv4.ControlMessage{IfIndex: network.Index, Src: sender(network)}, group)
		return err
	}}, nil
}

// sender is an IPv4 address of a network's card, nil when it has none.
func sender(network net.Interface) net.IP {
	all, err := network.Addrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil {
			return n.IP
		}
	}
	return nil
}

func open6(networks []net.Interface) (*line, error) {
	conn, err := net.ListenPacket("udp6", "[::]:0")
	if err != nil {
		return nil, err
	}
	p, group := ipv6.NewPacketConn(conn), &net.UDPAddr{IP: net.ParseIP("ff02::fb"), Port: 5353}
	if err := p.SetMulticastHopLimit(255); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &line{conn, networks, func(data []byte, network net.Interface) error {
		_, err := p.WriteTo(data, &ipv6.ControlMessage{IfIndex: network.Index}, group)
		return err
	}}, nil
}

// send asks on every network; that one of them can't be asked is no error.
func (l *line) send(data []byte) error {
	err, taken := error(nil), false
	for _, n := range l.networks {
		if e := l.to(data, n); e != nil {
			err = e
		} else {
			taken = true
		}
	}
	if taken {
		return nil
	}
	return err
}

// read passes answers on until the line is closed or ctx ends.
func (l *line) read(ctx context.Context, to chan<- packet) {
	buffer := make([]byte, maxPacket)
	for bad := 0; bad < maxBad; {
		n, from, err := l.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			bad++
			continue
		}
		p := packet{data: append([]byte(nil), buffer[:n]...)}
		if udp, ok := from.(*net.UDPAddr); ok {
			p.from = udp.AddrPort().Addr().Unmap().WithZone("")
		}
		select {
		case to <- p:
		case <-ctx.Done():
			return
		}
	}
}

// ownAddresses are those of this machine.
func ownAddresses() map[netip.Addr]bool {
	own := map[netip.Addr]bool{}
	all, err := net.InterfaceAddrs()
	if err != nil {
		return own // then nobody is taken for this machine
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok {
			if addr, ok := netip.AddrFromSlice(n.IP); ok {
				own[addr.Unmap()] = true
			}
		}
	}
	return own
}
