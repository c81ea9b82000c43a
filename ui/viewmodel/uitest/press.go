package uitest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// Decided returns the decisions that were taken, without their PINs.
func (s *Station) Decided() []station.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.press.decided)
}

// press is what the fake keeps of the press; Station.mu guards it.
type press struct {
	decided  []station.Decision
	stopping bool
	calling  bool
	batches  int
}

// Decide keeps the real one's rules: what may be decided, what needs a
// reason, the word that the sheets were destroyed, and a second person.
func (s *Station) Decide(ctx context.Context, d station.Decision) error {
	if err := s.wait(ctx, "decide"); err != nil {
		return err
	}
	s.mu.Lock()
	f := s.judge(d)
	if f == nil {
		d.Second = nil
		s.press.decided = append(s.press.decided, d)
	}
	s.mu.Unlock()
	if f != nil {
		return f
	}
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		j := &c.Jobs[slices.IndexFunc(c.Jobs, func(j station.Job) bool { return j.ID == d.Job })]
		switch d.Verdict {
		case station.VerdictOK:
			j.State, j.Hold = store.Confirmed, ""
		case station.VerdictReprint:
			j.State, j.Hold, j.Reprint, j.Paper = store.Ready, station.FaultCode(d.Reason), d.Reason, false
		case station.VerdictPull:
			j.State, j.Hold, j.Order, j.Paper = store.Held, station.Pulled, "", false
		}
	})
	return nil
}

func (s *Station) judge(d station.Decision) *station.Fault {
	i := slices.IndexFunc(s.snap.Jobs, func(j station.Job) bool { return j.ID == d.Job })
	if i < 0 || s.snap.Person == nil {
		return &station.Fault{Code: station.Locked}
	}
	j := s.snap.Jobs[i]
	switch {
	case !slices.Contains(station.Verdicts(j), d.Verdict):
		return &station.Fault{Code: station.CodeState, Err: fmt.Errorf("job %s is %s", j.ID, j.State)}
	case d.Verdict == station.VerdictOK:
		return nil
	case d.Reason == "":
		return &station.Fault{Code: station.ReasonMissing}
	case !d.Destroyed:
		return &station.Fault{Code: station.NotDestroyed}
	case station.NeedsSecond(j, d.Verdict):
		return s.agreed(wire.ActReprintRegistered, d.Second)
	}
	return nil
}

// Retry makes a held letter ready.
func (s *Station) Retry(ctx context.Context, id string) error {
	if err := s.wait(ctx, "retry"); err != nil {
		return err
	}
	var f *station.Fault
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		i := slices.IndexFunc(c.Jobs, func(j station.Job) bool { return j.ID == id })
		if i < 0 || !station.CanRetry(c.Jobs[i]) {
			f = &station.Fault{Code: station.CodeState}
			return
		}
		c.Jobs[i].State = store.Ready
	})
	if f != nil {
		return f
	}
	return nil
}

// scannable tells whether a scan envelopes a letter.
func scannable(j station.Job) bool {
	return j.Order == "" && (j.State == store.DeviceDone || j.State == store.Uncertain || j.State == store.Confirmed && !j.Scanned)
}

// StopBatch ends the batch after the letter that is on its way.
func (s *Station) StopBatch() {
	s.Change(func(c *station.Snapshot) {
		if c.Batch != nil {
			b := *c.Batch
			b.Stopping, s.press.stopping = true, true
			c.Batch = &b
		}
	})
}

// CancelLetter makes the letter on its way uncertain and ends the batch.
func (s *Station) CancelLetter(ctx context.Context) error {
	if err := s.wait(ctx, "cancel"); err != nil {
		return err
	}
	s.Change(func(c *station.Snapshot) {
		if c.Batch == nil {
			return
		}
		s.press.calling = true
		c.Jobs = slices.Clone(c.Jobs)
		for i := range c.Jobs {
			if c.Jobs[i].Attempt == c.Batch.Current {
				c.Jobs[i].State, c.Jobs[i].Hold = store.Uncertain, station.Cancelled
			}
		}
	})
	return nil
}

// startBatch marks the letters of a batch as its own.
func (s *Station) startBatch(ids []string) (batch string) {
	s.Change(func(c *station.Snapshot) {
		s.press.stopping, s.press.calling = false, false
		s.press.batches++
		batch = fmt.Sprintf("b-%03d", s.press.batches+900)
		c.Jobs = slices.Clone(c.Jobs)
		for i := range c.Jobs {
			if slices.Contains(ids, c.Jobs[i].ID) {
				c.Jobs[i].Batch = batch
			}
		}
	})
	return batch
}

// printOne prints one letter side by side; it returns false when the batch
// ends with it.
func (s *Station) printOne(ctx context.Context, id string, b station.Batch) (bool, error) {
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		for i := range c.Jobs {
			if j := &c.Jobs[i]; j.ID == id {
				j.State, j.Attempt, j.Hold, j.Reprint, j.Paper = store.Sent, j.Code, "", "", true
				j.Number++
				b.Current, b.Sides = j.Attempt, j.Sheets
			}
		}
		c.Batch = &b
	})
	for side := range b.Sides {
		if err := s.wait(ctx, "sheet"); err != nil {
			return false, err
		}
		s.Change(func(c *station.Snapshot) {
			now := *c.Batch
			now.Impressions = side + 1
			c.Batch = &now
		})
		if s.ends(func(p *press) bool { return p.calling }) {
			return false, nil
		}
	}
	s.Change(func(c *station.Snapshot) {
		c.Jobs = slices.Clone(c.Jobs)
		setState(c.Jobs, id, store.DeviceDone)
	})
	return !s.ends(func(p *press) bool { return p.stopping }), nil
}

func (s *Station) ends(how func(*press) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return how(&s.press)
}

// Pressed gives letters batches in every state that a press knows: one that
// was printed, one that stopped in the middle, letters that are uncertain,
// taken back and held. now is when the newest was printed.
func Pressed(jobs []station.Job, now time.Time) []station.Job {
	put := func(i int, batch string, state store.State, change func(*station.Job)) {
		if i >= len(jobs) {
			return
		}
		j := &jobs[i]
		j.Batch, j.State, j.Hold, j.Attempt, j.Number = batch, state, "", "", 0
		if state != store.Ready {
			j.Attempt, j.Number, j.Paper, j.Begun = j.Code, 1, state.OnPaper(), now
		}
		if change != nil {
			change(j)
		}
	}
	for n := range 12 { // standard letters, printed
		put(1+n*5, "b-101", store.DeviceDone, nil)
	}
	put(16, "b-101", store.Enveloped, func(j *station.Job) { j.Scanned = true })
	put(21, "b-101", store.Confirmed, nil)
	put(26, "b-101", store.DeviceDone, func(j *station.Job) { j.Order = "cancel" })
	put(31, "b-101", store.DeviceDone, func(j *station.Job) { j.Number = 2 })
	put(36, "b-101", store.Ready, func(j *station.Job) { j.Hold, j.Reprint, j.Number = "jam", station.ReasonJam, 1 })
	for n := range 8 { // registered letters, stopped in the middle
		put(n*5, "b-102", store.Ready, nil)
	}
	put(0, "b-102", store.DeviceDone, nil)
	put(5, "b-102", store.DeviceDone, nil)
	put(10, "b-102", store.Uncertain, func(j *station.Job) { j.Hold = station.Interrupted })
	put(4, "", store.Held, func(j *station.Job) { j.Hold, j.Attempt = station.DocumentEncrypted, "" })
	put(9, "", store.Held, func(j *station.Job) { j.Hold, j.Attempt = station.PageCount, "" })
	return jobs
}
