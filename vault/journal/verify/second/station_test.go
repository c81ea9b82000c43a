package second_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// station is a journal as a station keeps it, and the witness that it has.
type station struct {
	t       *testing.T
	journal *journal.Journal
	witness *checkpoint.Cosigner
}

func newStation(t *testing.T, log string, before tlog.Hash) *station {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &station{t: t}
	if s.witness, err = checkpoint.NewCosigner("central.example/witness", priv); err != nil {
		t.Fatal(err)
	}
	s.journal, err = journal.Open(context.Background(), journal.Config{Dir: t.TempDir(), Log: log, Signer: key, Witness: s.witness.Vkey(), Predecessor: before})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.journal.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// work writes n accesses, of which each third one has no end.
func (s *station) work(n int) {
	s.t.Helper()
	ctx := context.Background()
	for i := range n {
		permit, err := s.journal.Intent(ctx, journal.Access{Actor: "p-7f3a", Object: fmt.Sprintf("job-%d", i), Action: journal.ActionPreview, Pages: journal.Pages(1, 1+i)})
		if err != nil {
			s.t.Fatal(err)
		}
		if i%3 == 2 {
			continue
		}
		if err := s.journal.Result(ctx, permit, journal.OutcomeDone); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := s.journal.Record(ctx, journal.Access{Action: journal.ActionLock, Reason: "idle"}, journal.OutcomeDone); err != nil {
		s.t.Fatal(err)
	}
}

// month seals what was written, in the n-th month from November 2026 on.
func (s *station) month(n int) []byte {
	s.t.Helper()
	ctx := context.Background()
	note, err := s.journal.Checkpoint(ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	if note, err = s.witness.Cosign(note, time.Date(2026, time.November+time.Month(n), 3, 12, 0, 0, 0, time.UTC)); err != nil {
		s.t.Fatal(err)
	}
	if err := s.journal.Countersigned(ctx, note); err != nil {
		s.t.Fatal(err)
	}
	return note
}

func (s *station) export(span journal.Span) []byte {
	s.t.Helper()
	var b bytes.Buffer
	if _, err := s.journal.Export(context.Background(), &b, span); err != nil {
		s.t.Fatal(err)
	}
	return b.Bytes()
}

func (s *station) shards() []journal.Shard {
	s.t.Helper()
	all, err := s.journal.Shards(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// What a station writes, shards forgotten, both take; and its successor's.
func TestBothReadAStationsExports(t *testing.T) {
	p := newPair(t)
	ctx := context.Background()
	a := newStation(t, origin, tlog.Hash{})
	a.work(2)
	put(t, map[string][]byte{"a.vkey": []byte(a.journal.Vkeys()), "a-open": a.export(journal.Span{Unsealed: true})})
	for m := range 4 {
		a.work(3 + m)
		a.month(m)
	}
	a.work(2)
	for i, shard := range a.shards() {
		put(t, map[string][]byte{fmt.Sprintf("a-%d", i): a.export(journal.Span{Shard: &shard})})
	}
	last := a.shards()[3]
	put(t, map[string][]byte{"a-all": a.export(journal.Span{}), "a-tail": a.export(journal.Span{Unsealed: true}), "a-3-tail": a.export(journal.Span{Shard: &last, Unsealed: true})})
	for range 2 {
		if err := a.journal.Forget(ctx, a.shards()[0]); err != nil {
			t.Fatal(err)
		}
	}
	put(t, map[string][]byte{"a-left": a.export(journal.Span{}), "a-left-tail": a.export(journal.Span{Unsealed: true})})
	b := newStation(t, origin+"/2", a.journal.Head().Last)
	b.work(4)
	note := b.month(5)
	put(t, map[string][]byte{"b.vkey": []byte(b.journal.Vkeys()), "b": b.export(journal.Span{}), "b.note": note})
	put(t, map[string][]byte{"a.note": a.month(5)})
	for len(a.shards()) > 0 {
		if err := a.journal.Forget(ctx, a.shards()[0]); err != nil {
			t.Fatal(err)
		}
	}
	a.work(1)
	put(t, map[string][]byte{"a-nothing": a.export(journal.Span{}), "a-nothing-tail": a.export(journal.Span{Unsealed: true})})
	for line, code := range map[string]int{
		"a-open": 3, "a-all": 0, "a-tail": 3, "a-0": 0, "a-1": 0, "a-2": 0, "a-3": 0, "a-3-tail": 3, "a-left": 0, "a-left-tail": 3, "a-nothing": 0, "a-nothing-tail": 3,
		"a-0 a-1 a-2 a-3": 0, "a-0 a-1 a-left": 0, "a-0 a-1 a-left-tail": 3, "--allow-unsealed a-0 a-1 a-2 a-3-tail": 0, "a-0 a-1 a-left-tail a-nothing": 0,
		"a-0 a-2": 1, "a-1 a-0": 1, "a-left a-all": 1, "a-0 a-left": 1,
		"--keys b.vkey a-tail b": 0, "--keys b.vkey a-0 a-1 a-left-tail b": 0, "--keys b.vkey a-all b": 1, "--keys b.vkey a-left b": 1,
		"--checkpoint a.note a-left-tail": 0, "--checkpoint a.note a-left": 1, "--keys b.vkey --checkpoint a.note --checkpoint b.note a-tail b": 0,
	} {
		if f := p.check(t, append([]string{"--keys", "a.vkey"}, strings.Fields(line)...)...); f.code != code {
			t.Errorf("%s: exit %d instead of %d\n%s", line, f.code, code, f.program)
		}
	}
}

// Shards that different keys of the witness sealed are read with the files beside
// them, together.
func TestBothReadShardsOfTwoWitnessKeys(t *testing.T) {
	p := newPair(t)
	ctx := context.Background()
	s := newStation(t, origin, tlog.Hash{})
	s.work(2)
	s.month(0)
	s.witness = newStation(t, origin, tlog.Hash{}).witness
	if err := s.journal.UseWitnesses(ctx, []string{s.witness.Vkey()}); err != nil {
		t.Fatal(err)
	}
	s.work(1)
	s.month(1)
	for i, shard := range s.shards() {
		vkeys, err := s.journal.VkeysFor(ctx, journal.Span{Shard: &shard})
		if err != nil {
			t.Fatal(err)
		}
		put(t, map[string][]byte{fmt.Sprint(i): s.export(journal.Span{Shard: &shard}), fmt.Sprintf("%d.vkey", i): []byte(vkeys)})
	}
	put(t, map[string][]byte{"new.vkey": []byte(s.journal.Vkeys())})
	for line, code := range map[string]int{
		"--keys 0.vkey 0": 0, "--keys 1.vkey 1": 0, "--keys 0.vkey --keys 1.vkey 0 1": 0, "--keys new.vkey 0": 1, "--keys new.vkey 1": 1,
	} {
		if f := p.check(t, strings.Fields(line)...); f.code != code {
			t.Errorf("%s: exit %d instead of %d\n%s", line, f.code, code, f.program)
		}
	}
}
