package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// FormerJournals are those of the station's earlier enrolments, which nobody writes
// any more.
type FormerJournals interface {
	Former(context.Context) ([]Former, error)
	// ForgetFormer deletes one by its name, all but its final checkpoint.
	ForgetFormer(ctx context.Context, name string) error
}

// Former is one of them.
type Former struct {
	Name string    // an id as the journal has it
	Last time.Time // of its last countersignature; of its last entry where there is none, zero for an empty one
}

// MonthObject is how the journal names a month of itself: journal-2026-10.
func MonthObject(month time.Time) string { return "journal-" + month.UTC().Format("2006-01") }

// journalsDue are the times when months and former journals go.
func (k *Keeper) journalsDue(ctx context.Context) (due []time.Time, err error) {
	shards, err := k.cfg.Journal.Shards(ctx)
	for _, s := range shards {
		due = append(due, dueMonth(s.Month))
	}
	former, ferr := k.formerJournals(ctx)
	for _, f := range former {
		due = append(due, dueFormer(f.Last))
	}
	return due, errors.Join(err, ferr)
}

// journals forgets what is due of the access journal and of former ones. Of a
// broken journal nothing is forgotten: it is evidence.
func (k *Keeper) journals(ctx context.Context, now time.Time) error {
	k.forgetting.Lock()
	defer k.forgetting.Unlock()
	if k.cfg.Journal.Status().Broken != nil {
		return nil
	}
	return errors.Join(k.months(ctx, now), k.former(ctx, now))
}

// months are forgotten from the oldest on, and each of them whole.
func (k *Keeper) months(ctx context.Context, now time.Time) error {
	shards, err := k.cfg.Journal.Shards(ctx)
	if err != nil {
		return err
	}
	for _, s := range shards {
		if !over(dueMonth(s.Month), Nothing, now) {
			break
		}
		if err := k.forget(ctx, MonthObject(s.Month), func() error { return k.cfg.Journal.Forget(ctx, s) }); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) former(ctx context.Context, now time.Time) error {
	former, err := k.formerJournals(ctx)
	errs := []error{err}
	for _, f := range former {
		if over(dueFormer(f.Last), Nothing, now) {
			errs = append(errs, k.forget(ctx, f.Name, func() error { return k.cfg.Former.ForgetFormer(ctx, f.Name) }))
		}
	}
	return errors.Join(errs...)
}

func (k *Keeper) formerJournals(ctx context.Context) ([]Former, error) {
	if k.cfg.Former == nil {
		return nil, nil
	}
	return k.cfg.Former.Former(ctx)
}

// forget journals a deletion and does it. One that fails is tried again at each
// purge, and is in the journal once.
func (k *Keeper) forget(ctx context.Context, name string, do func() error) error {
	if !k.said[name] {
		if err := k.record(ctx, name, "retention"); err != nil {
			return err
		}
		k.said[name] = true
	}
	if err := do(); err != nil {
		return fmt.Errorf("forget %s: %w", name, err)
	}
	delete(k.said, name)
	return nil
}

var _ AccessJournal = (*journal.Journal)(nil)
