package store

import (
	"context"
	"fmt"
)

// Pending is how many messages central has not acknowledged.
func (s *Store) Pending(ctx context.Context) (int, error) {
	var n int
	if err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM outbox").Scan(&n); err != nil {
		return 0, fmt.Errorf("count the outbox: %w", explain(err))
	}
	return n, nil
}
