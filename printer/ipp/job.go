package ipp

import (
	"context"
	"slices"

	"espero-soft.com/printroom/printer/device"
)

var jobAttributes = []string{"job-id", "job-name", "job-state", "job-state-reasons", "job-impressions-completed"}

// jobOf reads the one job of an answer, which must be the one asked for.
func jobOf(answer *Message, jobID int) (device.JobStatus, error) {
	job, err := readJob(answer.Group(TagJob))
	if err == nil && job.ID != jobID {
		err = malformed("job %d where job %d was asked for", job.ID, jobID)
	}
	return job, err
}

// readJob reads a job group and refuses numbers no job has.
func readJob(g Group) (device.JobStatus, error) {
	job := device.JobStatus{Impressions: -1}
	id, ok := g.number("job-id")
	if !ok || id < 1 {
		return job, malformed("job number %d", id)
	}
	job.ID = id
	state, ok := g.number("job-state")
	if job.State = device.JobState(state); !ok || !job.State.Valid() {
		return job, malformed("job %d in state %d", id, state)
	}
	if n, ok := g.number("job-impressions-completed"); ok {
		if n < 0 {
			return job, malformed("job %d with %d impressions", id, n)
		}
		job.Impressions = n
	}
	job.Name = Shown(g.text("job-name"))
	for _, reason := range g.texts("job-state-reasons") {
		if reason != "none" {
			job.Reasons = append(job.Reasons, Shown(reason))
		}
	}
	return job, nil
}

// Jobs are all jobs the printer shows us, ended ones too, by their number. A
// job that another user created may be shown without its name.
func (c *Client) Jobs(ctx context.Context) ([]device.JobStatus, error) {
	f, err := c.known(ctx)
	if err != nil {
		return nil, err
	}
	which := []string{"not-completed", "completed"} // in this order no job is missed
	if slices.Contains(f.whichJobs, "all") {
		which = []string{"all"}
	}
	byID := map[int]device.JobStatus{}
	for _, w := range which {
		answer, err := c.call(ctx, opGetJobs, c.printerTarget(
			requested(jobAttributes...), Attr("which-jobs", Keyword(w)), Attr("my-jobs", Boolean(false))), nil, nil)
		if err != nil {
			return nil, err
		}
		for _, g := range answer.Groups {
			if g.Tag != TagJob || len(g.Attributes) == 0 {
				continue
			}
			job, err := readJob(g)
			if err != nil {
				return nil, err
			}
			byID[job.ID] = job
		}
	}
	jobs := make([]device.JobStatus, 0, len(byID))
	for _, job := range byID {
		jobs = append(jobs, job)
	}
	slices.SortFunc(jobs, func(a, b device.JobStatus) int { return a.ID - b.ID })
	return jobs, nil
}
