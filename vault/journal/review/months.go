package review

import (
	"context"

	"espero-soft.com/printroom/vault/journal"
)

// JournalStart tells where the journal that is here begins; anybody may know.
func (d *Desk) JournalStart() journal.Start { return d.journal.Start() }

// JournalShards are the months of the journal that are here, for who may read
// it. It shows no access, so it is no reading.
func (d *Desk) JournalShards(ctx context.Context) ([]journal.Shard, error) {
	if _, err := d.permitted(); err != nil {
		return nil, err
	}
	return d.journal.Shards(ctx)
}
