//go:build window

package room

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// A drag is somebody who drags a file from another window: the source's side of
// XDND version 5 (freedesktop.org), as far as one drop needs it.
type drag struct {
	x      *xgb.Conn
	source xproto.Window
	target xproto.Window
	atoms  map[string]xproto.Atom
}

// drop drags a file onto the middle of a window and lets go.
func drop(window, path string) error {
	id, err := strconv.ParseUint(window, 10, 32)
	if err != nil {
		return err
	}
	x, err := xgb.NewConn()
	if err != nil {
		return err
	}
	defer x.Close()
	d := &drag{x: x, target: xproto.Window(id), atoms: map[string]xproto.Atom{}}
	for _, name := range []string{"XdndEnter", "XdndPosition", "XdndDrop", "XdndStatus", "XdndFinished", "XdndSelection", "XdndActionCopy", "text/uri-list"} {
		a, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			return err
		}
		d.atoms[name] = a.Atom
	}
	if err := d.open(); err != nil {
		return err
	}
	return d.carry((&url.URL{Scheme: "file", Path: path}).String() + "\r\n")
}

func (d *drag) open() (err error) {
	screen := xproto.Setup(d.x).DefaultScreen(d.x)
	if d.source, err = xproto.NewWindowId(d.x); err != nil {
		return err
	}
	if err := xproto.CreateWindowChecked(d.x, screen.RootDepth, d.source, screen.Root, 0, 0, 1, 1, 0,
		xproto.WindowClassInputOutput, screen.RootVisual, 0, nil).Check(); err != nil {
		return err
	}
	return xproto.SetSelectionOwnerChecked(d.x, d.source, d.atoms["XdndSelection"], xproto.TimeCurrentTime).Check()
}

func (d *drag) carry(uris string) error {
	const version = 5 << 24
	if err := d.tell("XdndEnter", version, uint32(d.atoms["text/uri-list"]), 0, 0); err != nil {
		return err
	}
	const x, y = 400, 400 // of the root; any place in the window will do
	if err := d.tell("XdndPosition", 0, x<<16|y, xproto.TimeCurrentTime, uint32(d.atoms["XdndActionCopy"])); err != nil {
		return err
	}
	if err := d.hear("XdndStatus", uris); err != nil {
		return err
	}
	if err := d.tell("XdndDrop", 0, xproto.TimeCurrentTime, 0, 0); err != nil {
		return err
	}
	return d.hear("XdndFinished", uris)
}

// tell sends the target a message; its first datum is always our window.
func (d *drag) tell(kind string, data ...uint32) error {
	e := xproto.ClientMessageEvent{
		Format: 32, Window: d.target, Type: d.atoms[kind],
		Data: xproto.ClientMessageDataUnionData32New(append([]uint32{uint32(d.source)}, data...)),
	}
	return xproto.SendEventChecked(d.x, false, d.target, xproto.EventMaskNoEvent, string(e.Bytes())).Check()
}

// hear waits for the target's answer, and hands the file's name over when it asks.
func (d *drag) hear(kind, uris string) error {
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		e, err := d.x.PollForEvent()
		if err != nil {
			return errors.New(err.Error())
		}
		switch e := e.(type) {
		case xproto.ClientMessageEvent:
			if e.Type == d.atoms[kind] {
				return nil
			}
		case xproto.SelectionRequestEvent:
			if err := d.hand(e, uris); err != nil {
				return err
			}
		}
	}
	return fmt.Errorf("the window did not answer with %s", kind)
}

func (d *drag) hand(e xproto.SelectionRequestEvent, uris string) error {
	if err := xproto.ChangePropertyChecked(d.x, xproto.PropModeReplace, e.Requestor, e.Property, e.Target, 8,
		uint32(len(uris)), []byte(uris)).Check(); err != nil {
		return err
	}
	n := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: e.Property}
	return xproto.SendEventChecked(d.x, false, e.Requestor, xproto.EventMaskNoEvent, string(n.Bytes())).Check()
}
