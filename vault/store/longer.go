package store

import "context"

// KeepLonger says whether a person wants a letter kept as long as a proof is. One
// of which nothing is left is [ErrNotFound].
func (s *Store) KeepLonger(ctx context.Context, job string, longer bool) error {
	return s.one(ctx, "keep job "+job+" longer", "UPDATE jobs SET longer = ? WHERE id = ? AND wrapped_key <> x''", longer, job)
}
