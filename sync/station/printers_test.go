package station

import (
	"context"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/discovery"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

const (
	pressB  = "ipp://127.0.0.1:8632/ipp/print"
	another = "ipp://127.0.0.1:8633/ipp/print"
)

// as lets somebody of a role at the station.
func (r *room) as(role string) {
	r.t.Helper()
	who := map[string]string{"operator": anna, "supervisor": "p2", "admin": eva}[role]
	r.list(
		wire.Person{Pseudonym: anna, Name: "Anna", Role: wire.RoleOperator, Slot: 0},
		wire.Person{Pseudonym: boris, Name: "Marc", Role: wire.RoleSupervisor, Slot: 1},
		wire.Person{Pseudonym: eva, Name: "Eva", Role: wire.RoleAdmin, Slot: 2},
	)
	r.check(r.Unlock(context.Background(), who, []byte(pin)))
}

// withSecond is a room with a second printer, set up and chosen; an operator is
// at work. It returns the second's id.
func withSecond(t *testing.T) (r *room, p *fakePrinter, id string) {
	t.Helper()
	r = newRoom(t)
	p = newFakePrinter()
	p.uuid, r.others[pressB] = "urn:uuid:2", p
	r.as("admin")
	r.check(r.AddPrinter(t.Context(), PrinterSetup{Name: "HP-B", URI: pressB}))
	id = r.Snapshot().Printers[1].ID
	r.as("operator")
	r.check(r.ChoosePrinter(t.Context(), id))
	return r, p, id
}

func TestBatchGoesToTheChosenPrinter(t *testing.T) {
	r, p, id := withSecond(t)
	if s := r.Snapshot(); s.PrinterName != "HP-B" || !s.Printers[1].Chosen || s.Printers[0].Chosen || !s.Printers[0].Fixed || s.Printers[1].Fixed {
		t.Errorf("the snapshot has %+v", s.Printers)
	}
	ids := r.pay("PAGES 2", "PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	if p.printed() != 2 || r.printer.printed() != 0 {
		t.Errorf("%d letters on the chosen printer, %d on the other", p.printed(), r.printer.printed())
	}
	a, err := r.kept.Attempt(t.Context(), string(r.job(ids[0]).Attempt))
	if r.check(err); a.Printer != id || a.PrinterUUID != "urn:uuid:2" {
		t.Errorf("the attempt remembers %q, %s", a.Printer, a.PrinterUUID)
	}
	r.restart()
	if s := r.Snapshot(); s.PrinterName != "HP-B" || len(s.Printers) != 2 {
		t.Errorf("after a restart %q of %d printers is chosen", s.PrinterName, len(s.Printers))
	}
}

// A letter asks the printer that it went to, whichever is chosen by then.
func TestLettersAskTheirOwnPrinter(t *testing.T) {
	for name, c := range map[string]struct {
		befalls func(*fakePrinter)
		want    store.State
	}{
		"it printed":           {func(*fakePrinter) {}, store.DeviceDone},
		"it was restarted":     {(*fakePrinter).reboot, store.Uncertain},
		"it is another":        {func(p *fakePrinter) { p.uuid = "urn:uuid:9" }, store.Uncertain},
		"it can't be asked":    {func(p *fakePrinter) { p.off = true }, store.Sent},
		"the other is another": {func(*fakePrinter) {}, store.DeviceDone},
	} {
		t.Run(name, func(t *testing.T) {
			r, p, _ := withSecond(t)
			ids := r.pay("PAGES 2")
			r.killAt(store.Sent, ids)
			c.befalls(p)
			if strings.HasPrefix(name, "the other") {
				r.printer.uuid = "urn:uuid:8"
			}
			r.check(r.ChoosePrinter(t.Context(), FixedPrinter))
			r.look(t.Context())
			if got := r.state(ids[0]); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if s := r.Snapshot(); s.Printer != LampOK || s.PrinterName != "fake" {
				t.Errorf("the chosen printer, %s, is %s", s.PrinterName, s.Printer)
			}
		})
	}
}

// A printer that is away holds nothing up at another.
func TestAPrinterThatIsAwayStopsNoOther(t *testing.T) {
	r, p, _ := withSecond(t)
	left := r.pay("PAGES 2")
	p.offAt = "Send"
	wantFault(t, r.PrintBatch(t.Context(), left), PrinterOff)
	r.check(r.ChoosePrinter(t.Context(), FixedPrinter))
	ids := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), ids))
	if got := r.state(ids[0]); got != store.DeviceDone {
		t.Errorf("on the printer that is there: %s", got)
	}
	wantFault(t, r.Recover(t.Context()), PrinterOff)
	if got := r.state(left[0]); got != store.Created {
		t.Errorf("of the printer that is away: %s, want CREATED until it can be asked", got)
	}
	p.off, p.offAt = false, ""
	r.look(t.Context())
	if got := r.state(left[0]); got != store.Ready {
		t.Errorf("once it is back: %s", got)
	}
}

func TestRemovePrinter(t *testing.T) {
	r, _, id := withSecond(t)
	ids := r.pay("PAGES 2")
	r.killAt(store.Sent, ids)
	r.as("admin")
	wantFault(t, r.RemovePrinter(t.Context(), id), InUse)
	r.check(r.Recover(t.Context()))
	setup := PrinterSetup{ID: id, Name: "HP-B", URI: pressB}
	r.check(r.RemovePrinter(t.Context(), id))
	if s := r.Snapshot(); len(s.Printers) != 1 || s.PrinterName != "fake" || !s.Printers[0].Chosen {
		t.Errorf("after its removal %+v", s.Printers)
	}
	wantFault(t, r.RemovePrinter(t.Context(), FixedPrinter), NotPermitted)
	r.others[pressB].off = true // bringing it back needs no answer
	r.check(r.AddPrinter(t.Context(), setup))
	if s := r.Snapshot(); len(s.Printers) != 2 || s.Printers[1].ID != id || !s.Printers[1].Chosen {
		t.Errorf("brought back %+v", s.Printers)
	}
	r.restart()
	if n := len(r.Snapshot().Printers); n != 2 {
		t.Errorf("%d printers after a restart", n)
	}
}

// A letter whose printer is gone all the same is told apart by what was sent.
func TestLettersOfAPrinterThatIsGone(t *testing.T) {
	for from, want := range map[store.State]store.State{store.Created: store.Ready, store.Sent: store.Uncertain} {
		r, _, id := withSecond(t)
		ids := r.pay("PAGES 2")
		r.killAt(from, ids)
		r.check(r.kept.ForgetPrinter(t.Context(), id))
		r.restart()
		r.check(r.Recover(t.Context()))
		if got := r.state(ids[0]); got != want {
			t.Errorf("from %s it is %s, want %s", from, got, want)
		}
	}
}

func TestPrintersAreForAdmins(t *testing.T) {
	r, _, id := withSecond(t)
	r.others[another] = newFakePrinter()
	for _, role := range []string{"operator", "supervisor"} {
		r.as(role)
		_, err := r.FindPrinters(t.Context())
		wantFault(t, err, NotPermitted)
		_, err = r.ProbePrinter(t.Context(), another)
		wantFault(t, err, NotPermitted)
		wantFault(t, r.AddPrinter(t.Context(), PrinterSetup{Name: "C", URI: another}), NotPermitted)
		wantFault(t, r.RemovePrinter(t.Context(), id), NotPermitted)
		wantFault(t, r.TestSheet(t.Context(), id), NotPermitted)
	}
	r.as("supervisor")
	wantFault(t, r.ChoosePrinter(t.Context(), FixedPrinter), NotPermitted)
	r.check(r.Lock(t.Context()))
	wantFault(t, r.ChoosePrinter(t.Context(), FixedPrinter), Locked)
	if n := len(r.Snapshot().Printers); n != 2 {
		t.Errorf("%d printers", n)
	}
	if done, refused := configured(t, r); done[eva] != 1 || done[anna] != 1 || refused["p2"] != 6 || refused[anna] != 5 {
		t.Errorf("the journal has %v done and %v refused", done, refused)
	}
}

// configured counts the configure entries of each person.
func configured(t *testing.T, r *room) (done, refused map[string]int) {
	t.Helper()
	done, refused = map[string]int{}, map[string]int{}
	entries, err := r.journal.Entries(t.Context(), -1, 1000)
	r.check(err)
	for _, e := range entries {
		text := string(e)
		if !strings.Contains(text, `"`+string(journal.ActionConfigure)+`"`) {
			continue
		}
		for _, who := range []string{anna, "p2", eva} {
			if strings.Contains(text, `"actor":"`+who+`"`) && strings.Contains(text, `"`+string(journal.OutcomeRefused)+`"`) {
				refused[who]++
			} else if strings.Contains(text, `"actor":"`+who+`"`) {
				done[who]++
			}
		}
	}
	return done, refused
}

func TestPrintersThatCantBeSetUp(t *testing.T) {
	r, _, id := withSecond(t)
	r.as("admin")
	off := newFakePrinter()
	off.off = true
	r.others[another], r.others["ipp://127.0.0.1:1/off"] = newFakePrinter(), off
	for name, c := range map[string]struct {
		setup PrinterSetup
		want  FaultCode
	}{
		"the same address":  {PrinterSetup{Name: "C", URI: strings.ToUpper(pressB[:3]) + pressB[3:]}, PrinterKnown},
		"the same name":     {PrinterSetup{Name: "hp-b ", URI: another}, PrinterKnown},
		"the settings' own": {PrinterSetup{Name: "C", URI: "ipp://127.0.0.1/fake"}, PrinterKnown},
		"no name":           {PrinterSetup{Name: "  ", URI: another}, PrinterAddress},
		"a name of lines":   {PrinterSetup{Name: "a\nb", URI: another}, PrinterAddress},
		"a long name":       {PrinterSetup{Name: strings.Repeat("x", 41), URI: another}, PrinterAddress},
		"no address":        {PrinterSetup{Name: "C", URI: "C"}, PrinterAddress},
		"another protocol":  {PrinterSetup{Name: "C", URI: "http://127.0.0.1/"}, PrinterAddress},
		"in clear":          {PrinterSetup{Name: "C", URI: "ipp://192.0.2.7/ipp/print"}, PrinterPlain},
		"no answer":         {PrinterSetup{Name: "C", URI: "ipp://127.0.0.1:1/off"}, PrinterOff},
	} {
		t.Run(name, func(t *testing.T) {
			wantFault(t, r.AddPrinter(t.Context(), c.setup), c.want)
			if n := len(r.Snapshot().Printers); n != 2 {
				t.Errorf("%d printers", n)
			}
		})
	}
	for _, id := range []string{"", "printer-7"} {
		wantFault(t, r.RemovePrinter(t.Context(), id), PrinterAddress)
		wantFault(t, r.ChoosePrinter(t.Context(), id), PrinterAddress)
		wantFault(t, r.TestSheet(t.Context(), id), PrinterAddress)
	}
	wantFault(t, r.AddPrinter(t.Context(), PrinterSetup{ID: id, Name: "D", URI: another}), PrinterKnown)
}

func TestProbeAndFind(t *testing.T) {
	r := newRoom(t)
	r.others[pressB] = newFakePrinter()
	r.as("admin")
	probe, err := r.ProbePrinter(t.Context(), " "+pressB+"\n")
	if r.check(err); probe.URI != pressB || probe.UUID != "urn:uuid:1" || len(probe.Can.DPI) == 0 {
		t.Errorf("the probe saw %+v", probe)
	}
	if found, err := r.FindPrinters(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("%v, %v where nothing looks", found, err)
	}
	r.cfg.Discover = func(context.Context) ([]discovery.Found, error) { return []discovery.Found{{Name: "B"}}, nil }
	if found, err := r.FindPrinters(t.Context()); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

// What is printed on keeps its printer, and a test sheet keeps out of the way.
func TestWhileABatchRuns(t *testing.T) {
	r, p, id := withSecond(t)
	r.as("admin")
	ids := r.pay("PAGES 2")
	var during []error
	p.during = func() {
		p.during = nil
		p.mu.Unlock()
		defer p.mu.Lock()
		during = []error{r.TestSheet(context.Background(), FixedPrinter), r.RemovePrinter(context.Background(), id), r.ChoosePrinter(context.Background(), FixedPrinter)}
		if s := r.Snapshot(); s.PrinterName != "HP-B" || s.Batch.Printer != id {
			t.Errorf("the batch of %s is shown on %s", s.Batch.Printer, s.PrinterName)
		}
		r.look(context.Background())
	}
	r.check(r.PrintBatch(t.Context(), ids))
	wantFault(t, during[0], BatchRunning)
	wantFault(t, during[1], InUse)
	r.check(during[2])
	if got := r.state(ids[0]); got != store.DeviceDone || r.Snapshot().PrinterName != "fake" {
		t.Errorf("%s, then printing goes to %s", got, r.Snapshot().PrinterName)
	}
}

func TestTestSheetIsKept(t *testing.T) {
	r, p, id := withSecond(t)
	r.as("admin")
	r.check(r.TestSheet(t.Context(), id))
	if p.bytes[testName] == 0 || r.printer.printed() != 0 {
		t.Errorf("%v came out of it, %d of the other", p.bytes, r.printer.printed())
	}
	r.restart()
	if at := r.Snapshot().Printers[1].TestedAt; time.Since(at) > time.Minute {
		t.Errorf("tested at %v", at)
	}
	if !r.Snapshot().Printers[0].TestedAt.IsZero() {
		t.Error("the other printer is tested too")
	}
	r.as("admin")
	p.sendErr = context.DeadlineExceeded
	if err := r.TestSheet(t.Context(), id); err == nil {
		t.Error("a cut test sheet is taken for one")
	}
	p.sendErr = nil
	r.check(r.TestSheet(t.Context(), id))
}
