package ipp

import (
	"net"
	"sync"
	"time"
)

// piece is how much is written at a time: a printer that takes a piece within
// the idle time is alive, however slow it is.
const piece = 4 << 10

// patientConn breaks a connection on which the printer has moved nothing, in
// either direction, for the idle time. There is no limit on the whole: a long
// letter on a slow printer takes what it takes.
type patientConn struct {
	net.Conn
	idle time.Duration

	mu     sync.Mutex
	paused bool // we have nothing to send yet: the printer is not at fault
}

func (c *patientConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.moved()
	}
	return n, err
}

func (c *patientConn) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		n, err := c.Conn.Write(p[written:min(len(p), written+piece)])
		written += n
		if n > 0 {
			c.moved()
		}
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

// moved gives the printer the full idle time again.
func (c *patientConn) moved() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.arm()
}

// pause stops the clock while our side makes what is to be sent next, and
// starts it again.
func (c *patientConn) pause(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paused = on
	c.arm()
}

// arm sets the deadline; c.mu is held. A connection that is closed already
// tells its reader and writer itself.
func (c *patientConn) arm() {
	var deadline time.Time
	if !c.paused {
		deadline = time.Now().Add(c.idle)
	}
	_ = c.SetDeadline(deadline)
}
