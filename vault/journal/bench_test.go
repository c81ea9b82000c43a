package journal

import (
	"context"
	"crypto/sha256"
	"path/filepath"
	"testing"

	"espero-soft.com/printroom/vault/journal/verify"
)

// BenchmarkAppend is one durable intent; BenchmarkBareInsert is the same bytes
// through the same driver, WAL and FULL too, without a journal.
func BenchmarkAppend(b *testing.B) {
	j := newRoom(b).whole(b)
	ctx := context.Background()
	for b.Loop() {
		if _, err := j.Intent(ctx, access(1)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBareInsert(b *testing.B) {
	ctx := context.Background()
	db, err := openDatabase(ctx, filepath.Join(b.TempDir(), "bare.db"), true,
		"CREATE TABLE IF NOT EXISTS entry (sequence INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT")
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := db.close(); err != nil {
			b.Error(err)
		}
	}()
	insert, err := db.writer.Prepare("INSERT INTO entry (sequence, bytes) VALUES (?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := insert.Close(); err != nil {
			b.Error(err)
		}
	}()
	entry := verify.Entry{Action: "preview", Actor: "p-7f3a", Object: "job-1",
		Boot: "0a0b0c0d-0000-4000-8000-000000000001", Log: origin, Monotonic: 123456789, Sequence: 1000}.Append(nil)
	for n := 1; b.Loop(); n++ {
		if _, err := insert.Exec(n, entry); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppend25 is a batch of 25 intents in one commit.
func BenchmarkAppend25(b *testing.B) {
	j := newRoom(b).whole(b)
	ctx := context.Background()
	batch := make([]Access, 25)
	for i := range batch {
		batch[i] = access(i)
	}
	for b.Loop() {
		if _, err := j.Intents(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify is the whole verification, per entry of 20,000;
// BenchmarkScan reads the same rows and hashes each one once.
func BenchmarkVerify(b *testing.B) {
	j := filled(b)
	for b.Loop() {
		if _, err := j.Verify(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20_000, "ns/entry")
}

func BenchmarkScan(b *testing.B) {
	j := filled(b)
	for b.Loop() {
		err := j.db.scan(context.Background(), 0, toEnd, func(_ int64, b []byte) error {
			sha256.Sum256(b)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/20_000, "ns/entry")
}

func filled(b *testing.B) *Journal {
	j := newRoom(b).whole(b)
	ctx := context.Background()
	batch := make([]Access, 100)
	for i := range batch {
		batch[i] = access(i)
	}
	for range 200 {
		if _, err := j.Intents(ctx, batch); err != nil {
			b.Fatal(err)
		}
	}
	return j
}
