package journal

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Shard is what the witness countersigned in one calendar month (UTC, by its
// own time): the entries after its last checkpoint of an earlier month, up to
// the last one of this month. Along the log months only go forward: a
// countersignature of an earlier month than one before it counts for that one's.
type Shard struct {
	Month       time.Time // its first day
	First, Last int64     // sequences
	SealedAt    time.Time // when the witness signed the checkpoint of Last
}

// Shards are the shards that are still here, oldest first. A month in which
// nothing was countersigned has none, what is not countersigned yet is in none,
// and the last one may still grow. Signatures are not checked here: Forget,
// Export's reader and Verify do that.
func (j *Journal) Shards(ctx context.Context) (shards []Shard, err error) {
	if err := j.open(); err != nil {
		return nil, err
	}
	j.months.Lock()
	defer j.months.Unlock()
	err = j.db.snapshot(ctx, func(r reading) error {
		start, err := r.start(ctx)
		if err == nil {
			shards, err = j.months.of(ctx, r, start.size)
		}
		return err
	})
	return shards, j.found(err)
}

// shardsKnown are the shards as far as the notes were read before. Those of a
// log go on at the end, but for an answer of the witness that came late.
type shardsKnown struct {
	start  int64 // the log's
	shards []Shard
}

// of reads what came since.
func (k *shardsKnown) of(ctx context.Context, r reading, start int64) ([]Shard, error) {
	if k.start != start {
		*k = shardsKnown{start: start}
	}
	all, err := r.shards(ctx, start, k.shards)
	if err != nil {
		return nil, err
	}
	k.shards = all
	return slices.Clone(all), nil
}

// drop makes the next Shards read all notes again.
func (l *shardLock) drop() {
	l.Lock()
	defer l.Unlock()
	l.shards = nil
}

// shards goes on after the known ones with the countersigned notes of more
// entries; the last one may grow.
func (r reading) shards(ctx context.Context, start int64, known []Shard) ([]Shard, error) {
	shards, first := slices.Clone(known), start+1
	if n := len(shards); n > 0 {
		first = shards[n-1].Last + 1
	}
	rows, err := r.from.QueryContext(ctx, "SELECT size, note FROM checkpoint WHERE sealed = ? AND size >= ? ORDER BY size", sealed, first)
	if err != nil {
		return nil, readError(ctx, err)
	}
	defer func() { _ = rows.Close() }() // Err below tells
	for rows.Next() {
		var size int64
		var note sql.RawBytes
		if err := rows.Scan(&size, &note); err != nil {
			return nil, readError(ctx, err)
		}
		at, err := cosigned(note)
		if err != nil {
			return nil, &BrokenError{What: fmt.Sprintf("the checkpoint of %d entries does not verify", size), Err: err}
		}
		now := Shard{Month: month(at), First: first, Last: size, SealedAt: at}
		if n := len(shards) - 1; n >= 0 && !now.Month.After(shards[n].Month) {
			shards[n].Last, shards[n].SealedAt = size, at
		} else {
			shards = append(shards, now)
		}
		first = size + 1
	}
	return shards, readError(ctx, rows.Err())
}

// month is the first moment of the month that t is in.
func month(t time.Time) time.Time {
	t = t.UTC()
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// timed is what a cosignature begins with: 4 bytes of the key's id and 8 of the
// time, a multiple of base64's 3.
const timed = 4 + 8

// cosigned is when the witness signed a note: the latest time of its
// signatures. They are not checked, and nothing else is read: there may be a
// hundred thousand notes.
func cosigned(note []byte) (latest time.Time, err error) {
	_, lines, _ := bytes.Cut(note, []byte("\n\n"))
	_, lines, _ = bytes.Cut(lines, []byte("\n")) // the station's
	for len(lines) > 0 {
		var line []byte
		line, lines, _ = bytes.Cut(lines, []byte("\n"))
		signature := line[bytes.LastIndexByte(line, ' ')+1:]
		var raw [timed]byte
		if len(signature) < timed/3*4 {
			return latest, errors.New("a signature is cut")
		}
		if _, err := base64.StdEncoding.Decode(raw[:], signature[:timed/3*4]); err != nil {
			return latest, err
		}
		seconds := binary.BigEndian.Uint64(raw[4:])
		if seconds > math.MaxInt32*1000 {
			return latest, errors.New("a signature's time is out of range")
		}
		if at := time.Unix(int64(seconds), 0).UTC(); at.After(latest) {
			latest = at
		}
	}
	if latest.IsZero() {
		return latest, errors.New("it bears no time")
	}
	return latest, nil
}
