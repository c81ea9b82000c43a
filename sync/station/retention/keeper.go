package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
)

// AccessJournal is where each deletion is written before it happens, and what is
// forgotten itself in the end.
type AccessJournal interface {
	Record(context.Context, journal.Access, journal.Outcome) error
	Status() journal.Status
	Shards(context.Context) ([]journal.Shard, error) // oldest first
	Forget(context.Context, journal.Shard) error     // the oldest one
}

// Logs are the technical logs.
type Logs interface {
	// Expire deletes what is too old at that time.
	Expire(now time.Time) error
}

// Config of a keeper. Every field but Former is required.
type Config struct {
	Store     *store.Store
	Journal   AccessJournal
	Former    FormerJournals // nil for none
	Logs      Logs
	Now       func() time.Time // the station's clock
	Confirmed func() time.Time // what central last signed as the time, zero before that
	Report    func(error)      // told after each purge and each raise, nil when it went well; store.ErrEra when letters were held because their keys are lost
}

// Keeper carries the rules out. It is safe for concurrent use, but for Run, which
// is called once.
type Keeper struct {
	cfg Config

	forgetting sync.Mutex      // held while journals are forgotten; guards said
	said       map[string]bool // whose deletion is in the journal, though it did not happen yet
}

// New makes a keeper.
func New(c Config) *Keeper { return &Keeper{cfg: c, said: map[string]bool{}} }

// Clock is the time that retention goes by, and why.
type Clock struct {
	Now       time.Time // zero while nothing may become due
	Station   time.Time // by the station's clock
	Confirmed time.Time // by central, as it last signed
	Apart     bool      // they differ by more than a day: a clock is wrong, or central has been away as long
}

// Clock is the earlier of the station's clock and of the time that central last
// signed. A clock that is set forward, here or there, makes nothing due before
// the other says so too, and one that is set back only makes things late. While
// central is away time stands still.
func (k *Keeper) Clock() Clock {
	c := Clock{Station: k.cfg.Now().UTC(), Confirmed: k.cfg.Confirmed().UTC()}
	if c.Confirmed.IsZero() {
		return Clock{Station: c.Station}
	}
	c.Now = c.Station
	if c.Confirmed.Before(c.Station) {
		c.Now = c.Confirmed
	}
	c.Apart = c.Station.Sub(c.Confirmed).Abs() > toleratedSpread
	return c
}

// Due lists what will be forgotten when.
func (k *Keeper) Due(ctx context.Context) ([]Item, error) {
	kept, err := k.cfg.Store.Kept(ctx, string(postal.Registered))
	if err != nil {
		return nil, err
	}
	proofs, err := k.cfg.Store.KeptProofs(ctx, string(postal.Registered))
	if err != nil {
		return nil, err
	}
	metadata, err := k.cfg.Store.Metadata(ctx)
	if err != nil {
		return nil, err
	}
	journals, jerr := k.journalsDue(ctx)
	items := Due(kept, proofs, metadata, journals)
	unraised, err := k.cfg.Store.Unraised(ctx)
	if unraised > 0 {
		items = append(items, Item{Kind: Copies, Waits: TPM, Count: unraised})
	}
	return items, errors.Join(err, jerr)
}

// Purge forgets what is due. Each deletion is journaled first, and does not happen
// when it can't be. What fails is tried again the next time; the rest goes on.
//
// What deletion means: SQLite overwrites deleted fields (secure_delete) and the
// write-ahead log is folded in and cut to nothing; documents are unlinked. On a
// solid-state disk, or on a file system that copies on write, the old blocks stay
// until the device erases them, and overwriting a file would write elsewhere; an
// image of the disk keeps everything. So it is the keys that are relied on:
// documents and details are ciphertext under a key that is wrapped under the
// claim's, and all that is under the key of an era, which the TPM opens no more
// once the purge has raised its counter. What is left is noise, also to who has
// the image, the TPM and a person's PIN.
func (k *Keeper) Purge(ctx context.Context) error {
	now := k.Clock().Now
	var errs []error
	if !now.IsZero() {
		errs = append(errs, k.cfg.Store.DateDeposits(ctx, now))
	}
	errs = append(errs, k.letters(ctx, now), k.proofs(ctx, now))
	if !now.IsZero() {
		errs = append(errs, k.metadata(ctx, now), k.cfg.Logs.Expire(now), k.journals(ctx, now))
	}
	// After a crash, of what was being deleted; and always, of what was.
	errs = append(errs, k.cfg.Store.SweepDocuments(ctx), k.raise(ctx), k.cfg.Store.EmptyLog(ctx))
	return errors.Join(errs...)
}

// raise makes final what was forgotten since the last time. Without the TPM it
// stays due, and is tried at the next purge. A store whose values are lost, such
// as a copy from before, starts over: that is journaled, and reported once.
func (k *Keeper) raise(ctx context.Context) error {
	err := k.cfg.Store.RaiseIfDue(ctx)
	if !errors.Is(err, store.ErrEra) {
		return err
	}
	if rerr := k.record(ctx, "", "keys_lost"); rerr != nil {
		return errors.Join(err, rerr)
	}
	_, serr := k.cfg.Store.StartOver(ctx, string(station.LeaseLost))
	return errors.Join(err, serr)
}

func (k *Keeper) letters(ctx context.Context, now time.Time) error {
	kept, err := k.cfg.Store.Kept(ctx, string(postal.Registered))
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range kept {
		at, w := due(l)
		if !over(at, w, now) {
			continue
		}
		if err := k.record(ctx, l.Job, reason(l)); err != nil {
			return errors.Join(append(errs, err)...) // a journal that takes no entry takes none about the next
		}
		if err := k.cfg.Store.Forget(ctx, l); err != nil && !errors.Is(err, store.ErrState) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// reason is what the journal says of a letter that is forgotten.
func reason(l store.Kept) string {
	if l.State == store.Held {
		return cmp.Or(l.Hold, "held")
	}
	return "retention"
}

func (k *Keeper) proofs(ctx context.Context, now time.Time) error {
	proofs, err := k.cfg.Store.KeptProofs(ctx, string(postal.Registered))
	if err != nil {
		return err
	}
	for _, p := range proofs {
		if at, w := dueProof(p); !over(at, w, now) {
			continue
		}
		if err := k.record(ctx, p.Deposit, "retention"); err != nil {
			return err
		}
		if err := k.cfg.Store.ForgetProof(ctx, p.Deposit); err != nil {
			return err
		}
	}
	return nil
}

func (k *Keeper) metadata(ctx context.Context, now time.Time) error {
	days, err := k.cfg.Store.Metadata(ctx)
	if err != nil {
		return err
	}
	before, old := now.AddDate(-metadataYears, 0, 0), false
	for d := range days {
		old = old || d.Add(24*time.Hour).Before(before)
	}
	if !old {
		return nil
	}
	if err := k.record(ctx, "", "metadata"); err != nil {
		return err
	}
	_, err = k.cfg.Store.Expunge(ctx, before)
	return err
}

func (k *Keeper) record(ctx context.Context, object, reason string) error {
	err := k.cfg.Journal.Record(ctx, journal.Access{Action: journal.ActionPurge, Object: object, Reason: reason}, journal.OutcomeDone)
	if err != nil {
		return fmt.Errorf("journal a deletion: %w", err)
	}
	return nil
}

// purgeEvery is far below a day: what a person ended is forgotten soon after
// central knows, and what became due while central was away soon after it is back.
const purgeEvery = 10 * time.Minute

// Run purges at once and then every few minutes until ctx ends. What is erased at
// central's order meanwhile is made final at once.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(purgeEvery)
	defer tick.Stop()
	act := k.Purge
	for {
		err := act(ctx)
		if ctx.Err() != nil {
			return
		}
		k.cfg.Report(err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			act = k.Purge
		case <-k.cfg.Store.Erased():
			act = k.raise
		}
	}
}
