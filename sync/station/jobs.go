package station

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"espero-soft.com/printroom/vault/store"
)

// The jobs that a snapshot shows are kept in memory in its order: a change of
// one job costs the reading of one.

// Reload reads the letters anew, after something else than the station has changed
// them.
func (s *Station) Reload(ctx context.Context) error { return fault(s.refresh(ctx)) }

// refresh reads all jobs anew.
func (s *Station) refresh(ctx context.Context) error {
	s.reading.Lock()
	defer s.reading.Unlock()
	stored, err := s.cfg.Store.Jobs(ctx)
	if err != nil {
		return fault(err)
	}
	jobs := make([]Job, len(stored))
	for i, j := range stored {
		if jobs[i], err = s.traced(ctx, j); err != nil {
			return err
		}
	}
	s.change(func() { s.jobs, s.view = jobs, nil })
	return nil
}

// refreshJob reads one job anew, which may be new, gone or forgotten.
func (s *Station) refreshJob(ctx context.Context, id string) error {
	s.reading.Lock() // of two that read, the one that read last is shown last
	defer s.reading.Unlock()
	j, err := s.cfg.Store.Job(ctx, id)
	gone := errors.Is(err, store.ErrNotFound)
	if err != nil && !gone {
		return fault(err)
	}
	now, err := s.traced(ctx, j)
	if err != nil && !gone {
		return err
	}
	s.change(func() {
		s.view = nil
		if gone || j.Forgotten() {
			s.jobs = slices.DeleteFunc(s.jobs, func(j Job) bool { return j.ID == id })
			return
		}
		at, there := slices.BinarySearchFunc(s.jobs, now, before)
		if there {
			s.jobs[at] = now
		} else {
			s.jobs = slices.Insert(s.jobs, at, now)
		}
	})
	return nil
}

// traced is a job as it is shown, an UNCERTAIN one with what a person needs to
// look for it: where its sheets went, and when.
func (s *Station) traced(ctx context.Context, j store.Job) (Job, error) {
	job := shown(j)
	if j.State != store.Uncertain {
		return job, nil
	}
	a, err := s.cfg.Store.Attempt(ctx, j.Attempt)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return job, fault(err)
	}
	job.Printer, job.Begun = a.Printer, a.Started
	return job, nil
}

// seen is a copy of the jobs, made once a change however often it is asked for.
// Callers hold mu.
func (s *Station) seen() []Job {
	if s.view == nil {
		s.view = slices.Clone(s.jobs)
	}
	return s.view
}

// before is the order of a snapshot. It is of what never changes of a job.
func before(a, b Job) int {
	return cmp.Or(a.CutOff.Compare(b.CutOff), a.PaidAt.Compare(b.PaidAt), strings.Compare(a.ID, b.ID))
}
