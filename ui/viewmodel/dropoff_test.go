package viewmodel_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/store"
)

// counter is the drop-off's models on a station made of memory, fed as the
// window feeds them.
type counter struct {
	t     *testing.T
	loop  *uitest.Loop
	at    *uitest.Station
	model *viewmodel.DropOff
	proof *viewmodel.Proof
}

func newCounter(t *testing.T) *counter {
	s := uitest.NewStation(uitest.People(), nil)
	s.Dropped(time.Now(), nil)
	s.Change(func(c *station.Snapshot) { c.Person = &s.Staff[0] })
	loop := uitest.NewLoop(t, 1024)
	c := &counter{t, loop, s, viewmodel.NewDropOff(s, loop.Post), viewmodel.NewProof(s, loop.Post)}
	c.model.Opened = func() { c.proof.Follow(c.model.Chosen) }
	c.proof.Switch, c.proof.NewestPending = c.model.Choose, c.model.NewestPending
	t.Cleanup(func() {
		c.model.Close()
		c.proof.Close()
	})
	cancel := s.Subscribe(func() { loop.Post(c.feed) })
	t.Cleanup(cancel)
	c.feed()
	c.until(func() bool { return c.model.Ready })
	return c
}

func (c *counter) feed() {
	snap := c.at.Snapshot()
	c.model.Show(snap)
	c.proof.Show(snap)
}

func (c *counter) until(done func() bool) {
	c.t.Helper()
	c.loop.Until(done)
}

func (c *counter) row(state viewmodel.PieceState) viewmodel.PieceRow {
	c.t.Helper()
	i := slices.IndexFunc(c.model.Rows, func(r viewmodel.PieceRow) bool { return r.State == state })
	if i < 0 {
		c.t.Fatalf("no piece is %s", state)
	}
	return c.model.Rows[i]
}

// TestDepositIsMadeOfTickedProducts closes a deposit without one product; what
// waits, is out or stays is not in it.
func TestDepositIsMadeOfTickedProducts(t *testing.T) {
	c := newCounter(t)
	m := c.model
	all := m.Sum.Pieces
	out, waits := c.row(viewmodel.PieceOut), c.row(viewmodel.PieceWaits)
	if out.Reason != station.ReturnFranking || m.Sum.Unnumbered != 2 || m.Rows[0].Numbered {
		t.Errorf("out for %q, %d without a number, the first row %+v", out.Reason, m.Sum.Unnumbered, m.Rows[0])
	}
	m.Tick(postal.Standard)
	stays := c.row(viewmodel.PieceLeft)
	if m.Sum.Pieces >= all {
		t.Fatalf("%d pieces without the standard ones, %d with", m.Sum.Pieces, all)
	}
	want := m.Sum.Pieces
	m.CloseDeposit()
	if !m.Closing || m.CanClose() {
		t.Error("a deposit can be closed twice")
	}
	c.until(func() bool { return m.Chosen != "" && m.Printing == "" && len(m.Rows) == want })
	if got := m.Deposit(); got == nil || got.Pieces != want || !got.Pending() {
		t.Errorf("the closed deposit is %+v, want %d pieces", got, want)
	}
	if slips := c.at.Slips(); len(slips) != 1 || slips[0] != m.Chosen {
		t.Errorf("slips %v, want that of %s", slips, m.Chosen)
	}
	for _, r := range []viewmodel.PieceRow{out, waits, stays} {
		if slices.ContainsFunc(m.Rows, func(in viewmodel.PieceRow) bool { return in.Attempt == r.Attempt }) {
			t.Errorf("%s went along though it was %s", r.Attempt, r.State)
		}
	}
}

// TestSlipThatFailsLeavesTheDepositClosed: the fault is the slip's; it is printed
// again, and saved.
func TestSlipThatFailsLeavesTheDepositClosed(t *testing.T) {
	c := newCounter(t)
	m := c.model
	c.at.Fail("printslip", &station.Fault{Code: station.PrinterOff})
	m.CloseDeposit()
	c.until(func() bool { return m.Fault != nil && m.Printing == "" })
	number := m.Chosen
	if number == "" || m.Fault.Code != station.PrinterOff {
		t.Fatalf("chosen %q, fault %v", number, m.Fault)
	}
	c.at.Fail("printslip", nil)
	m.PrintSlip()
	c.until(func() bool { return m.Said.Word == viewmodel.SaidPrinted })
	path := filepath.Join(t.TempDir(), "slip.pdf")
	m.SaveSlip(path)
	c.until(func() bool { return !m.Saving })
	if data, err := os.ReadFile(path); err != nil || len(data) == 0 || m.Said != (viewmodel.Said{Word: viewmodel.SaidSaved, Name: path}) {
		t.Errorf("saved %d bytes, %v; said %+v", len(data), err, m.Said)
	}
	m.SaveSlip(filepath.Join(path, "no", "folder"))
	c.until(func() bool { return !m.Saving })
	if m.Fault == nil || m.Fault.Code != station.FileUnwritable {
		t.Errorf("a slip that can't be written: %v", m.Fault)
	}
}

// TestPieceComesOutWithAReason and goes back, before and after closing.
func TestPieceComesOutWithAReason(t *testing.T) {
	c := newCounter(t)
	m := c.model
	piece := c.row(viewmodel.PieceIn).Attempt
	m.Select(piece)
	m.AskOut()
	if m.Asking != piece {
		t.Fatalf("asked about %q", m.Asking)
	}
	m.CallOff()
	m.TakeOut(station.ReturnDamaged) // nothing is asked
	m.AskOut()
	m.TakeOut(station.ReturnDamaged)
	c.until(func() bool { return m.Said.Word == viewmodel.SaidOut && c.state(piece) == viewmodel.PieceOut })
	m.AskOut()
	c.until(func() bool { return m.Said.Word == viewmodel.SaidPutBack && c.state(piece) == viewmodel.PieceIn })
	m.Choose(m.NewestPending())
	c.until(func() bool { return len(m.Rows) == 38 })
	refused := m.Rows[0].Attempt
	m.Select(refused)
	c.at.Fail("takeback", &station.Fault{Code: station.DepositUntold})
	m.AskOut()
	m.TakeOut(station.ReturnFormat)
	c.until(func() bool { return m.Fault != nil })
	if m.Fault.Code != station.DepositUntold || m.Acting {
		t.Errorf("fault %v, acting %v", m.Fault, m.Acting)
	}
	c.at.Fail("takeback", nil)
	m.AskOut()
	m.TakeOut(station.ReturnFormat)
	c.until(func() bool { return m.Said.Word == viewmodel.SaidReturned && len(m.Rows) == 37 })
	m.Choose("")
	if c.state(refused) != viewmodel.PieceOut {
		t.Errorf("what the counter refused is %q", c.state(refused))
	}
}

func (c *counter) state(attempt postal.AttemptCode) viewmodel.PieceState {
	for _, r := range c.model.Rows {
		if r.Attempt == attempt {
			return r.State
		}
	}
	return ""
}

// TestScansByHand: pieces are enveloped, labels bound by two scans, deposits
// opened by their number; what is none of these is left to the window.
func TestScansByHand(t *testing.T) {
	c := newCounter(t)
	m := c.model
	var fresh station.Job
	c.at.Change(func(s *station.Snapshot) {
		fresh = uitest.Jobs(70, time.Now())[65]
		fresh.State, fresh.Attempt, fresh.Product, fresh.Numbered = store.DeviceDone, fresh.Code, postal.Registered, false
		s.Jobs = append(slices.Clone(s.Jobs), fresh)
	})
	c.feed()
	if m.Scan("hello, world") || m.Scan(string(uitest.Jobs(71, time.Now())[70].Code)) {
		t.Error("it took a code that is none of its own")
	}
	if !m.Scan("RA473124829BE") || m.Said.Word != viewmodel.SaidLetter {
		t.Errorf("a label without a letter: %q", m.Said.Word)
	}
	if !m.Scan(postal.SheetCode{Attempt: fresh.Attempt, Sheet: 1, Sheets: fresh.Sheets}.String()) {
		t.Fatal("it did not take a piece's code")
	}
	c.until(func() bool { return m.Label == fresh.Attempt })
	if m.Said.Word != viewmodel.SaidLabel {
		t.Errorf("said %q", m.Said.Word)
	}
	m.Scan("RA473124829XX")
	c.until(func() bool { return m.Fault != nil || m.Said.Word == viewmodel.SaidBound })
	m.Scan("RA473124829BE")
	c.until(func() bool { return m.Label == "" && !m.Acting })
	pieceCode := string(fresh.Attempt)
	c.until(func() bool { return m.Scan(pieceCode) && m.Said.Word == viewmodel.SaidHere })
	pending := m.NewestPending()
	if !m.Scan(pending) || m.Chosen != pending {
		t.Errorf("a deposit's number opened %q", m.Chosen)
	}
}

// TestDepositsByStepsAndLock goes through the list and forgets all at a lock.
func TestDepositsByStepsAndLock(t *testing.T) {
	c := newCounter(t)
	m := c.model
	if len(m.Deposits) != 3 || m.Pending() != 2 {
		t.Fatalf("%d deposits, %d pending", len(m.Deposits), m.Pending())
	}
	m.Step(-1)
	for i := range 4 {
		m.Step(1)
		if want := m.Deposits[min(i, 2)].Number; m.Chosen != want {
			t.Errorf("after %d steps %q, want %q", i+1, m.Chosen, want)
		}
	}
	c.at.Fail("deposits", &station.Fault{Code: station.Unexpected, Err: errors.New("disk")})
	c.at.Change(func(s *station.Snapshot) { s.Ledger++ })
	c.until(func() bool { return m.Fault != nil })
	if len(m.Deposits) != 3 {
		t.Error("a reading that failed emptied the list")
	}
	c.at.Change(func(s *station.Snapshot) { s.Person = nil })
	c.until(func() bool { return !m.Ready })
	if len(m.Rows)+len(m.Deposits)+len(m.Products) != 0 || m.Chosen != "" {
		t.Error("something of the deposits stays while the station is locked")
	}
}
