package ui

import (
	"context"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/viewmodel"
)

// notifyMost is how many notifications wait for the desktop; more are dropped.
const notifyMost = 8

// ring hands an event over to the desktop.
func (d *desk) ring(r viewmodel.Ring) {
	select {
	case d.notices <- d.notification(r):
	default: // the desktop takes none
	}
}

// notification words an event; a bare one says only of what kind it is.
func (d *desk) notification(r viewmodel.Ring) *fyne.Notification {
	key := "bell." + string(r.Event)
	if r.Bare {
		return fyne.NewNotification(Title, d.tongue.Say(key+".bare"))
	}
	args := language.Args{"Count": r.Count, "Total": r.Total, "Printer": r.Printer, "Time": d.tongue.Clock(r.At.In(d.config.Now().Location()))}
	if r.Event == viewmodel.BatchDone && r.Count < r.Total {
		key += ".short"
	}
	return fyne.NewNotification(d.tongue.Say(key+".what", args), d.tongue.Say(key+".do", args))
}

// notify gives notifications to the desktop, which may take its time.
func (d *desk) notify(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-d.notices:
			sent := make(chan struct{})
			go func() { // nothing ends a call that the desktop does not answer
				defer close(sent)
				d.app.SendNotification(n)
			}()
			select {
			case <-ctx.Done():
				return
			case <-sent:
			}
		}
	}
}
