package store

import (
	"cmp"
	"context"
)

// column is where values lie that are under the era's key.
type column struct {
	table, row, name string
	living           string // the condition of the rows that have one
	gone             string // what is written where there is none any more
}

func (c column) field(row string) field { return field{table: c.table, column: c.name, row: row} }

// columns lists them all. What is not in it and is a secret is under a key that is.
func columns() []column {
	return []column{
		{"claims", "id", "sealed_key", "sealed_key IS NOT NULL", "NULL"},
		{"jobs", "id", "wrapped_key", listed + " AND wrapped_key <> x''", "x''"},
		{"jobs", "id", "sealed_tracking", listed + " AND sealed_tracking IS NOT NULL", "NULL"},
		{"receipts", "id", "sealed_numbers", "sealed_numbers <> x''", "x''"},
		{"receipts", "id", "image_key", "image_key <> x''", "x''"},
		{"deposits", "id", "slip_key", "slip_key <> x''", "x''"},
		{"settings", "name", "value", "name = '" + storeKeySetting + "' AND value <> x''", "x''"},
	}
}

func (s *Store) anySealed(ctx context.Context) (bool, error) {
	for _, c := range columns() {
		var some bool
		err := s.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+c.table+" WHERE "+c.living+")").Scan(&some)
		if err != nil || some {
			return some, explain(err)
		}
	}
	return false, nil
}

func keyField(job string) field { return field{"jobs", "wrapped_key", job} }

func numberField(job string) field { return field{"jobs", "sealed_tracking", job} }

func claimField(claim string) field { return field{"claims", "sealed_key", claim} }

func pictureField(receipt string) field { return field{"receipts", "image_key", receipt} }

func numbersField(receipt string) field { return field{"receipts", "sealed_numbers", receipt} }

func slipField(deposit string) field { return field{"deposits", "slip_key", deposit} }

// unwrap gives the job's values as they were kept.
func (j *Job) unwrap(k eraKey) {
	key, number := j.WrappedKey, j.Tracking
	j.Keyed, j.Numbered = len(key) > 0, len(number) > 0
	var kerr, nerr error
	j.WrappedKey, kerr = k.unwrap(keyField(j.ID), key)
	j.Tracking, nerr = k.unwrap(numberField(j.ID), number)
	if j.Closed = cmp.Or(kerr, nerr); j.Closed != nil {
		j.WrappedKey, j.Tracking = nil, nil
	}
}
