package ui

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/store"
)

// frames is how many the window must draw while the chip has not answered.
const frames = 20

// TestTheWindowGoesOnWhileTheChipThinks: whatever is asked of the station, the
// window draws on, takes keys and counts the time while the answer is held back.
// The call is held by a channel, so that it is still under way when the last
// frame is done, however slow the machine.
func TestTheWindowGoesOnWhileTheChipThinks(t *testing.T) {
	for _, c := range []struct {
		method  string
		ask     func(*room)
		settled func(*room) bool
	}{
		{"people", func(r *room) { r.desk.unlock.Load() }, func(r *room) bool { return !r.desk.unlock.Loading }},
		{"unlock", func(r *room) { r.enter("1", "2468") }, func(r *room) bool { return !r.desk.locked }},
		{"setpin", func(r *room) {
			r.desk.unlock.Choose(1)
			r.desk.unlock.Forgot()
			r.desk.unlock.SetPIN(uitest.Code, []byte("730518"), []byte("730518"))
		}, func(r *room) bool { return !r.desk.locked }},
		{"changepin", func(r *room) {
			r.work()
			r.desk.changePIN()
			r.desk.change.Submit([]byte("2468"), []byte("730518"), []byte("730518"))
		}, func(r *room) bool { return r.desk.change.Done }},
		{"lock", func(r *room) {
			r.work()
			r.desk.frame.Lock()
		}, func(r *room) bool { return r.desk.locked }},
		{"preview", func(r *room) {
			r.work()
			r.desk.queue.Select(r.desk.queue.Rows[0].ID)
			r.desk.preview.Show()
		}, func(r *room) bool { return len(r.desk.preview.Images) > 0 }},
		{"print", func(r *room) {
			r.work()
			r.desk.queue.Print()
		}, func(r *room) bool { return len(r.at.Printed()) == 1 }},
		{"decide", func(r *room) {
			r.work()
			r.agree(store.DeviceDone, "")
			r.desk.goTo(1)
			r.until(func() bool { return r.desk.printed.Selected != "" })
			r.desk.printed.OK()
		}, func(r *room) bool { return len(r.at.Decided()) == 1 }},
		{"override", func(r *room) {
			r.work()
			r.agree(store.Held, station.Preflight)
			r.desk.queue.Select(r.desk.queue.Rows[0].ID)
			r.desk.queue.Override()
			r.until(func() bool { return !r.desk.queue.Errand.Consent.Loading })
			r.desk.queue.Errand.Consent.Choose(0)
			r.desk.queue.Agree([]byte("2468"))
		}, func(r *room) bool { return r.desk.queue.Errand == nil }},
		{"approve", func(r *room) {
			r.work()
			r.agree(store.Ready, "")
			r.desk.journal.Export(report.CSV, "/tmp/x.csv", nil)
			r.until(func() bool { return !r.desk.journal.Consent.Loading })
			r.desk.journal.Consent.Choose(0)
			r.desk.journal.Agree([]byte("2468"))
		}, func(r *room) bool { return r.desk.journal.Exported != nil || r.desk.journal.Fault != nil }},
	} {
		t.Run(c.method, func(t *testing.T) {
			r := open(t, 12)
			r.at.Book(uitest.NewBook(1, r.desk.config.Now()))
			arrived, release := r.at.Hold(c.method)
			defer time.AfterFunc(time.Minute, func() {
				t.Error("the window itself waits for the chip")
				release()
			}).Stop()
			c.ask(r)
			<-arrived
			r.draw(frames)
			if c.settled(r) {
				t.Error("it was done before the chip answered")
			}
			release()
			r.until(func() bool { return c.settled(r) })
		})
	}
}

// work lets the admin in.
func (r *room) work() {
	r.t.Helper()
	r.enter("4", "2468")
	r.until(func() bool { return !r.desk.locked && len(r.desk.queue.Rows) > 0 })
}

// agree is a room that wants two people for everything, its letters in one state.
func (r *room) agree(s store.State, hold station.FaultCode) {
	r.t.Helper()
	r.at.Change(func(c *station.Snapshot) {
		c.Policy = uitest.Strict()
		jobs := uitest.Jobs(len(c.Jobs), r.desk.config.Now())
		for i := range jobs {
			jobs[i].State, jobs[i].Hold, jobs[i].Batch = s, hold, "b"
		}
		c.Jobs = jobs
	})
	r.until(func() bool {
		return len(r.desk.frame.Policy.SecondPerson) == 4 && len(r.desk.queue.Rows) > 0 && r.desk.queue.Rows[0].State == s
	})
}

// draw runs so many frames on the goroutine that is the window's here: each is
// posted like the answers of the station are, and redraws all that is in sight.
func (r *room) draw(n int) {
	r.t.Helper()
	drawn := 0
	for range n {
		r.desk.post(func() {
			r.desk.frame.Tick()
			r.desk.unlock.Tick()
			r.desk.press(fyne.KeyF2, 0)
			r.desk.redraw()
			drawn++
		})
		before := drawn
		r.until(func() bool { return drawn > before })
	}
}
