package station

import (
	"errors"
	"testing"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
)

// A list of people that arrives does not hide that central refuses a deposit.
func TestCentralsLampHasThreeWords(t *testing.T) {
	r := newRoom(t)
	want := func(lamp Lamp, fault FaultCode) {
		t.Helper()
		s := r.Snapshot()
		if s.Central != lamp || code(errorOf(s.LastFault)) != fault {
			t.Errorf("the lamp is %s for %v, want %s for %q", s.Central, s.LastFault, lamp, fault)
		}
	}
	want(LampOff, "")
	r.PushReport(wire.NewProblem(wire.ProblemAttemptNotAccepted, ""))
	want(LampBad, CentralRefused)
	r.CentralReport(nil)
	r.OrdersReport(nil)
	want(LampBad, CentralRefused)
	r.PushReport(nil)
	want(LampOK, "")
	r.OrdersReport(client.ErrUnreachable)
	r.PushReport(nil)
	want(LampBad, CentralDown)
	r.OrdersReport(nil)
	want(LampOK, "")
}

func errorOf(f *Fault) error {
	if f == nil {
		return nil
	}
	return errors.Join(f)
}
