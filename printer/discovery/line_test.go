package discovery

import (
	"errors"
	"net"
	"testing"
)

// rude is a network on which somebody sends what can't be read.
type rude struct {
	net.PacketConn
	bad, reads int
}

func (r *rude) ReadFrom(b []byte) (int, net.Addr, error) {
	r.reads++
	switch {
	case r.reads <= r.bad:
		return 0, nil, errors.New("message too long")
	case r.reads == r.bad+1:
		return copy(b, "answer"), &net.UDPAddr{IP: net.IPv4(192, 0, 2, 66)}, nil
	}
	return 0, nil, net.ErrClosed
}

// TestUnreadablePackets: they hide no printer, and hold nothing up for ever.
func TestUnreadablePackets(t *testing.T) {
	for bad, want := range map[int]int{0: 1, 5: 1, 100_000: 0} {
		packets, network := make(chan packet, 1), &rude{bad: bad}
		(&line{PacketConn: network}).read(t.Context(), packets)
		if len(packets) != want || network.reads > maxBad {
			t.Errorf("%d bad packets: %d good ones after %d reads, want %d", bad, len(packets), network.reads, want)
		}
	}
}
