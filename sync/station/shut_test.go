package station

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/review"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// shutJournal takes no intent, and all records.
type shutJournal struct {
	Journal
	intent, anchor error
}

func (j shutJournal) Intent(ctx context.Context, a journal.Access) (journal.Permit, error) {
	if j.intent != nil {
		return journal.Permit{}, j.intent
	}
	return j.Journal.Intent(ctx, a)
}

func (j shutJournal) Anchor(ctx context.Context, actor string) error {
	if j.anchor != nil {
		return j.anchor
	}
	return j.Journal.Anchor(ctx, actor)
}

// bareRenderer has no sandbox.
type bareRenderer struct{}

func (bareRenderer) Render(context.Context, render.Request, func(render.Page) error) (render.Report, error) {
	return render.Report{}, render.ErrSandbox
}

// damage changes an entry where it lies, and starts the program on it.
func (r *room) damage() {
	r.t.Helper()
	r.stop()
	db, err := sql.Open("sqlite", filepath.Join(r.dir, "journal", "journal.db"))
	r.check(err)
	rows, err := db.Query("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
	r.check(err)
	defer func() { r.check(rows.Close()) }()
	var triggers []string
	for rows.Next() {
		var name string
		r.check(rows.Scan(&name))
		triggers = append(triggers, name)
	}
	r.check(rows.Err())
	for _, name := range triggers {
		_, err := db.Exec("DROP TRIGGER " + name)
		r.check(err)
	}
	_, err = db.Exec(`UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '"done"', '"gone"') AS BLOB)
		WHERE sequence = (SELECT min(sequence) FROM entry WHERE CAST(bytes AS TEXT) LIKE '%"done"%')`)
	r.check(errors.Join(err, db.Close()))
	r.start()
	r.check(r.Unlock(context.Background(), anna, []byte(pin)))
}

// shutRoom is how letters come to be shut, and by what code that is told.
type shutRoom struct {
	name     string
	shut     func(r *room)
	code     FaultCode
	pictures bool // open all the same: they need neither K_doc nor the renderer
	silent   bool // it shows when a letter is tried, and the room is well
}

func shutRooms() []shutRoom {
	with := func(intent, anchor error) func(*room) {
		return func(r *room) {
			r.cfg.Journal = shutJournal{r.cfg.Journal, intent, anchor}
			r.anchored = time.Time{}
			r.check(r.Unlock(context.Background(), anna, []byte(pin)))
		}
	}
	return []shutRoom{
		{"an entry was changed", (*room).damage, JournalBroken, false, false},
		{"an older journal", with(nil, &journal.RollbackError{}), JournalOld, false, false},
		{"a full disk", with(journal.ErrFull, nil), DiskFull, false, false},
		{"a read-only disk", with(journal.ErrReadOnly, nil), JournalBroken, false, false},
		{"central is away", func(r *room) {
			r.rule(func(p *wire.Policy) { p.OfflineSeconds = 600 })
			r.cfg.Now = func() time.Time { return time.Now().Add(20 * time.Minute) }
		}, OfflineBudget, false, false},
		{"no TPM", func(r *room) { r.tpm.leave(tpm.ErrMissing) }, TPMMissing, true, true},
		{"no sandbox", func(r *room) { r.cfg.Renderer = bareRenderer{} }, SandboxMissing, true, true},
	}
}

// TestNothingOpens: whatever keeps letters shut is told by its own code, and
// nothing of them is shown or printed. What has to work works: letters are
// cancelled and erased, the station locks, and the journal is read and taken out.
func TestNothingOpens(t *testing.T) {
	for _, c := range shutRooms() {
		t.Run(c.name, func(t *testing.T) {
			r := newRoom(t)
			d := r.dropped(r.pay("PAGES 2"))
			proof, err := r.AttachReceipt(t.Context(), d.Number, r.picture(d.Number))
			r.check(err)
			ids := r.pay("PAGES 2", "PAGES 2")
			out := r.printer.printed()
			c.shut(r)
			r.wantShut(t, c, ids, proof.ID)
			if n := r.printer.printed() - out; n != 0 {
				t.Errorf("%d letters were printed", n)
			}
			r.worksStill(t, ids)
		})
	}
}

func (r *room) wantShut(t *testing.T, c shutRoom, ids []string, receipt string) {
	t.Helper()
	shown := 0
	err := r.Preview(t.Context(), ids[0], nil, func(PreviewPage) error { shown++; return nil })
	wantFault(t, err, c.code)
	if err := r.PrintBatch(t.Context(), ids); err != nil || c.code != SandboxMissing {
		wantFault(t, err, c.code)
	}
	err = r.Picture(t.Context(), receipt, "report", func([]byte) error { shown++; return nil })
	if !c.pictures {
		wantFault(t, err, c.code)
	} else if shown--; err != nil {
		t.Errorf("the receipt: %v", err)
	}
	if shown != 0 {
		t.Errorf("%d pages and pictures were shown", shown)
	}
	if got := r.Snapshot().NoDecryption; got != c.code && !c.silent {
		t.Errorf("the window is told %q, want %q", got, c.code)
	}
	fails := 0
	for _, e := range r.entries("") {
		if e.Action == string(journal.ActionFail) && e.Reason == string(c.code) {
			fails++
		}
	}
	if want := map[bool]int{true: 1}[!c.silent]; fails != want {
		t.Errorf("the fault is in the journal %d times, want %d", fails, want)
	}
}

func (r *room) worksStill(t *testing.T, ids []string) {
	t.Helper()
	for i, kind := range []wire.OrderKind{wire.OrderCancel, wire.OrderErase} {
		r.order(wire.Order{ID: uuid.NewString(), Job: ids[i], Kind: kind, At: time.Now()})
		if got := r.job(ids[i]); got.State != store.Held || got.Hold != OrderCancelled {
			t.Errorf("after the order %s: %s, %q", kind, got.State, got.Hold)
		}
	}
	if n := r.count(journal.ActionCancel) + r.count(journal.ActionErase); n != 2 {
		t.Errorf("%d orders are in the journal", n)
	}
	if _, err := r.journal.Export(t.Context(), &discard{}, journal.Span{Unsealed: true}); err != nil {
		t.Errorf("export: %v", err)
	}
	desk := review.New(review.Config{Journal: r.journal, Who: func() (review.Person, bool) {
		return review.Person{Pseudonym: boris, Role: "supervisor"}, true
	}})
	if rows, err := desk.Accesses(t.Context(), journal.Filter{}, 1<<40, 10); err != nil || len(rows) == 0 {
		t.Errorf("review: %d rows, %v", len(rows), err)
	}
	r.check(r.Lock(t.Context()))
	r.wantEnd("p1 lock   done")
}

type discard struct{ n int64 }

func (d *discard) Write(b []byte) (int, error) {
	d.n += int64(len(b))
	return len(b), nil
}
