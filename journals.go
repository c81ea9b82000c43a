package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/station/retention"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/cli"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/verify"
)

// openJournal opens the access journal, and those of earlier enrolments, of which
// central may lack entries.
func (r *room) openJournal(ctx context.Context) error {
	id := r.holder.Identity()
	config, err := id.Journal(r.settings.DataDir, r.chip.Log())
	if err != nil {
		return err
	}
	config.Counter, config.Now = anchorage{r.chip}, clock()
	if r.journal, err = journal.Open(ctx, config); err != nil {
		return station.Explain(err)
	}
	r.closers = append(r.closers, r.journal.Close)
	if err := r.openFormer(ctx, id); err != nil {
		r.log.Error("predecessors", "error", err) // nothing waits for them
	}
	r.holder.OnTrust(func(t wire.Trust) {
		for _, j := range r.journals() {
			if err := j.UseWitnesses(context.WithoutCancel(ctx), t.Witnesses); err != nil {
				r.log.Error("witnesses", "error", err)
			}
		}
	})
	return nil
}

func (r *room) openFormer(ctx context.Context, id enrolment.Identity) error {
	former, err := id.OpenPredecessors(ctx, r.settings.DataDir)
	for _, j := range former {
		r.closers = append(r.closers, j.Close)
	}
	r.guard.Lock()
	defer r.guard.Unlock()
	r.former = former
	return err
}

// journals are all journals that are here, the oldest first.
func (r *room) journals() (all []*journal.Journal) {
	r.guard.Lock()
	defer r.guard.Unlock()
	for _, f := range r.former {
		all = append(all, f.Journal)
	}
	return append(all, r.journal)
}

// begin journals that the program started; as the first entry of a journal, that
// the station was enrolled. What the journal does not take is told by its lamp.
func (r *room) begin(ctx context.Context) error {
	if r.journal.Size() == 0 {
		id := r.holder.Identity()
		access := journal.Access{Action: journal.ActionEnrol, Object: id.Station}
		if verify.CheckID(access.Object) != nil {
			access.Object = "" // the log's origin says it
		}
		if len(id.Predecessors) > 0 {
			access.Reason = "again"
		}
		r.JournalReport(r.journal.Record(ctx, access, journal.OutcomeDone))
	}
	err := r.Started(ctx, settings.Version)
	if ctx.Err() != nil {
		return err
	}
	return nil
}

// ExportJournal writes a part of the journal, and the keys to check it with. The
// export is an access too: it is journaled first, and sealed if central is there.
func (r *room) ExportJournal(ctx context.Context, entries, keys io.Writer, s journal.Span) (unsealed int64, err error) {
	who, err := r.takesOut(ctx)
	if err != nil {
		return 0, err
	}
	return r.export(ctx, r.journal, journal.Access{Actor: who}, entries, keys, s)
}

// ExportJournals writes all journals of the station whole, the oldest first: those
// of earlier enrolments with what nobody countersigned, which the first entry of
// the next one covers. to is called for each, and calls write with its two files.
func (r *room) ExportJournals(ctx context.Context, unsealed bool, to func(n int, write cli.WriteJournal) error) error {
	who, err := r.takesOut(ctx)
	if err != nil {
		return err
	}
	r.guard.Lock()
	all := append(slices.Clone(r.former), enrolment.Former{Journal: r.journal})
	r.guard.Unlock()
	all = slices.DeleteFunc(all, func(f enrolment.Former) bool { return f.Name != "" && f.Size() == 0 }) // a file of nothing is no export
	for i, j := range all {
		span := journal.Span{Unsealed: unsealed || j.Name != ""}
		if err := to(1+i, func(entries, keys io.Writer) (int64, error) {
			return r.export(ctx, j.Journal, journal.Access{Actor: who, Object: j.Name}, entries, keys, span)
		}); err != nil {
			return err
		}
	}
	return nil
}

// takesOut is who takes the journal out, once another person agrees where the
// room's policy wants one.
func (r *room) takesOut(ctx context.Context) (pseudonym string, err error) {
	if pseudonym, err = r.TakesOut(ctx, r.window); err != nil {
		return "", err
	}
	return pseudonym, r.Agreed(wire.ActJournalExport)
}

// export names what leaves the station: a month as journal-2026-10, a former
// journal by its folder, and the whole of this one by nothing.
func (r *room) export(ctx context.Context, j *journal.Journal, access journal.Access, entries, keys io.Writer, s journal.Span) (unsealed int64, err error) {
	access.Action = journal.ActionExport
	if s.Shard != nil {
		access.Object = retention.MonthObject(s.Shard.Month)
	}
	if s.Unsealed {
		access.Reason = "unsealed"
	}
	if err := r.journal.Record(ctx, access, journal.OutcomeDone); err != nil {
		r.JournalReport(err)
		return 0, station.Explain(err)
	}
	_ = r.Push(ctx) // without central the export ends at the last seal
	if s.Shard, err = sealedNow(ctx, j, s.Shard); err != nil {
		return 0, err
	}
	if _, err := io.WriteString(keys, j.Vkeys()); err != nil {
		return 0, fmt.Errorf("write the keys: %w", err)
	}
	return j.Export(ctx, entries, s)
}

// sealedNow is a month as it is by now: the present one goes on with each seal.
func sealedNow(ctx context.Context, j *journal.Journal, month *journal.Shard) (*journal.Shard, error) {
	if month == nil {
		return nil, nil
	}
	all, err := j.Shards(ctx)
	i := slices.IndexFunc(all, func(s journal.Shard) bool { return s.Month.Equal(month.Month) })
	if err != nil || i < 0 {
		return month, err
	}
	return &all[i], nil
}

// Months are the months of the journal that are here, for whoever works without
// a window.
func (r *room) Months(ctx context.Context) ([]journal.Shard, error) { return r.journal.Shards(ctx) }

// Former are the journals of earlier enrolments that are here, and how old.
func (r *room) Former(ctx context.Context) (all []retention.Former, err error) {
	r.guard.Lock()
	defer r.guard.Unlock()
	sealed, err := firstSeal(ctx, r.journal)
	if err != nil {
		return nil, err
	}
	for _, f := range r.former {
		if s := f.Status(); s.Broken != nil || s.Entries > 0 && s.Sealed == 0 && sealed.IsZero() {
			continue // it is evidence; or nobody but the station's clock says how old it is
		}
		last, lerr := lastOf(ctx, f.Journal, sealed)
		if lerr != nil {
			err = errors.Join(err, fmt.Errorf("read the journal %s: %w", f.Name, lerr))
			continue
		}
		all = append(all, retention.Former{Name: f.Name, Last: last})
	}
	return all, err
}

// firstSeal is when central had countersigned something of a journal, and not much
// later than the first time: of what is here the oldest that is known; zero for
// nothing.
func firstSeal(ctx context.Context, j interface {
	Start() journal.Start
	Shards(context.Context) ([]journal.Shard, error)
}) (time.Time, error) {
	if start := j.Start(); start.Size > 0 {
		return start.SealedAt, nil
	}
	all, err := j.Shards(ctx)
	if err != nil || len(all) == 0 {
		return time.Time{}, err
	}
	return all[0].SealedAt, nil
}

// lastOf is when a journal was last countersigned; of one that never was, the time
// of its last entry, and zero of an empty one. The station's clock may have been
// behind then: it was not before central countersigned what came after.
func lastOf(ctx context.Context, j lastEntries, after time.Time) (time.Time, error) {
	s := j.Status()
	if s.Sealed > 0 || s.Entries == 0 {
		return s.SealedAt, nil
	}
	last, err := j.Entries(ctx, s.Entries-1, 1)
	if err != nil {
		return time.Time{}, err
	}
	if len(last) == 0 {
		return time.Time{}, journal.ErrRange
	}
	e, err := verify.ParseEntry(last[0])
	if e.Time.Before(after) {
		return after, err
	}
	return e.Time, err
}

// lastEntries is a journal as lastOf reads it.
type lastEntries interface {
	Status() journal.Status
	Entries(ctx context.Context, after int64, limit int) ([][]byte, error)
}

// ForgetFormer deletes the journal of an earlier enrolment, and keeps its final
// checkpoint in the identity. What fails is tried again after the next start.
func (r *room) ForgetFormer(ctx context.Context, name string) error {
	r.guard.Lock()
	i := slices.IndexFunc(r.former, func(f enrolment.Former) bool { return f.Name == name })
	if i < 0 {
		r.guard.Unlock()
		return nil
	}
	j := r.former[i].Journal
	r.former = slices.Delete(slices.Clone(r.former), i, i+1)
	r.guard.Unlock() // who holds the identity waits for it
	r.Drop(j.Log())
	last, err := j.Sealed(ctx)
	if err != nil && !errors.Is(err, journal.ErrUnsealed) {
		r.log.Warn("former", "error", err) // central has it
	}
	if err := j.Close(); err != nil {
		return err
	}
	return r.holder.Forget(name, last)
}
