package retention

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/store"
)

var dropOff = time.Date(2026, 1, 31, 16, 30, 0, 0, time.UTC)

func TestRules(t *testing.T) {
	ok := store.Kept{State: store.Dropped, Dated: dropOff, Receipts: 1, CutOff: dropOff.Add(-time.Hour)}
	change := func(k store.Kept, f func(*store.Kept)) store.Kept { f(&k); return k }
	held := func(hold string, f func(*store.Kept)) store.Kept {
		k := store.Kept{State: store.Held, Hold: hold, CutOff: dropOff}
		if f != nil {
			f(&k)
		}
		return k
	}
	month, year, heldTill := dropOff.AddDate(0, 0, 30), dropOff.AddDate(1, 0, 0), dropOff.AddDate(0, 0, 30)
	for name, c := range map[string]struct {
		kept  store.Kept
		due   time.Time
		waits Wait
	}{
		"a letter":                         {ok, month, Nothing},
		"registered, or for legal proof":   {change(ok, func(k *store.Kept) { k.Proof = true }), year, Nothing},
		"without a receipt":                {change(ok, func(k *store.Kept) { k.Receipts = 0 }), month, Receipt},
		"a receipt not acknowledged":       {change(ok, func(k *store.Kept) { k.Untold = 1 }), month, Central},
		"a deposit not acknowledged":       {change(ok, func(k *store.Kept) { k.Untold, k.Dated = 1, time.Time{} }), time.Time{}, Central},
		"acknowledged, its date not known": {change(ok, func(k *store.Kept) { k.Dated = time.Time{} }), time.Time{}, Central},
		"pulled":                           {held("pulled", nil), time.Time{}, Nothing},
		"pulled, central not told":         {held("pulled", func(k *store.Kept) { k.Untold = 1 }), time.Time{}, Central},
		"cancelled by an order":            {held("order_cancelled", nil), time.Time{}, Nothing},
		"another's by now":                 {held("lease_lost", nil), time.Time{}, Nothing},
		"another's, on paper here":         {held("lease_lost", func(k *store.Kept) { k.Paper = true }), time.Time{}, Person},
		"refused at enveloping, on paper":  {held("scan_refused", func(k *store.Kept) { k.Paper = true }), time.Time{}, Person},
		"corrupt, may be tried again":      {held("document_corrupt", nil), heldTill, Nothing},
		"corrupt, central not told":        {held("document_corrupt", func(k *store.Kept) { k.Untold = 1 }), heldTill, Central},
	} {
		at, w := due(c.kept)
		if !at.Equal(c.due) || w != c.waits {
			t.Errorf("%s: %s, waits for %q; want %s, %q", name, at, w, c.due, c.waits)
		}
	}
}

func TestOver(t *testing.T) {
	for _, c := range []struct {
		at   time.Time
		w    Wait
		now  time.Time
		want bool
	}{
		{dropOff, Nothing, dropOff, true}, {dropOff, Nothing, dropOff.Add(-1), false}, {dropOff, Central, dropOff, false},
		{dropOff, Nothing, time.Time{}, false}, // nobody knows what time it is
		{time.Time{}, Nothing, time.Time{}, true},
	} {
		if over(c.at, c.w, c.now) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func TestProofsGoWithTheirLastLetter(t *testing.T) {
	for _, c := range []struct {
		kept  store.KeptProof
		due   time.Time
		waits Wait
	}{
		{store.KeptProof{Dated: dropOff}, dropOff.AddDate(0, 0, 30), Nothing},
		{store.KeptProof{Dated: dropOff, Longest: true}, dropOff.AddDate(1, 0, 0), Nothing},
		{store.KeptProof{Dated: dropOff, Letters: 1, Longest: true}, dropOff.AddDate(1, 0, 0), Others},
		{store.KeptProof{Letters: 1}, time.Time{}, Central},
		{store.KeptProof{Dated: dropOff, Untold: 1}, dropOff.AddDate(0, 0, 30), Central},
	} {
		if at, w := dueProof(c.kept); !at.Equal(c.due) || w != c.waits {
			t.Errorf("%+v: %s, %q", c.kept, at, w)
		}
	}
}

func TestDue(t *testing.T) {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	letter := store.Kept{State: store.Dropped, Dated: dropOff, Receipts: 1}
	later, proof, unproven := letter, letter, letter
	later.Dated, proof.Proof, unproven.Receipts = dropOff.Add(8*time.Hour), true, 0
	have := Due(
		[]store.Kept{letter, later, letter, proof, unproven, {State: store.Held, Hold: "pulled"}, {State: store.Held, Hold: "scan_refused", Paper: true}},
		[]store.KeptProof{{Dated: dropOff, Letters: 5, Longest: true}},
		map[time.Time]int{day(2020, 2, 29): 40},
		[]time.Time{day(2027, 3, 1), day(2027, 3, 1)},
	)
	want := []Item{
		{Held, time.Time{}, Nothing, 1},
		{Letters, day(2026, 3, 2), Nothing, 2}, {Letters, day(2026, 3, 3), Nothing, 1},
		{Letters, day(2027, 1, 31), Nothing, 1}, {Journal, day(2027, 3, 1), Nothing, 2}, {Metadata, day(2027, 3, 1), Nothing, 40},
		{Proofs, day(2027, 1, 31), Others, 1}, {Held, time.Time{}, Person, 1}, {Letters, day(2026, 3, 2), Receipt, 1},
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
}
