//go:build window && screenshots

package room

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/virtual"
	"espero-soft.com/printroom/sync/central"
	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/room/mail"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
)

// TestScreenshots takes the pictures of the documents, in a room at work on a
// weekday's afternoon. It writes to docs/screenshots.
func TestScreenshots(t *testing.T) {
	zone := afternoon(t)
	r, heard := openRoom(t, Options{PINs: Everybody()})
	a := &album{room: r}
	a.pay(t, 24, zone)
	a.remember(t, zone)
	a.second = anotherPrinter(t)
	a.proxy = behindProxy(t, r)
	a.window = openWindow(t, r, heard)
	for _, scene := range []func(){a.unlockScene, a.queueScene, a.pressScene, a.dropOffScene, a.journalScene, a.roomScene} {
		scene()
	}
	a.quit()
}

// afternoon moves the program to a time zone in which it is afternoon, on a
// working day if there is one anywhere.
func afternoon(t *testing.T) *time.Location {
	t.Helper()
	best := 0
	for hours := -12; hours <= 14; hours++ {
		there := time.Now().UTC().Add(time.Duration(hours) * time.Hour)
		if there.Hour() != 14 {
			continue
		}
		if best = hours; there.Weekday() != time.Saturday && there.Weekday() != time.Sunday {
			break
		}
	}
	t.Setenv("TZ", fmt.Sprintf("Etc/GMT%+d", -best)) // POSIX counts westwards
	return time.FixedZone("there", best*3600)
}

// An album is a room while its pictures are taken.
type album struct {
	*window
	room   *Room
	proxy  *virtual.Proxy
	second *virtual.Printer
}

// pay pays letters that close in the afternoon, each product at its hour.
func (a *album) pay(t *testing.T, letters int, zone *time.Location) {
	t.Helper()
	all, err := mail.Letters(1, letters, mail.Options{Defects: []mail.Defect{mail.PageCount}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().In(zone)
	for _, l := range all {
		closes := time.Date(now.Year(), now.Month(), now.Day(), 16, 0, 0, 0, zone)
		if l.Product == "international" || l.Product == "standard" {
			closes = closes.Add(time.Hour)
		}
		if _, err := a.room.Central.Pay(t.Context(), central.Letter{
			PDF: l.PDF, Recipient: l.Recipient, Country: l.Country, Return: l.Return, Product: wire.Product(l.Product),
			Duplex: l.Duplex, Colour: l.Colour, Envelope: l.Envelope, Pages: l.Pages, Tracking: string(l.Tracking), CutOff: closes,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.room.Central.AddPerson(t.Context(), wire.Person{Pseudonym: "p4", Name: "Luc Peeters", Role: wire.RoleOperator, Language: "en"}); err != nil {
		t.Fatal(err)
	}
}

// remember fills the journal with the work of the last thirty days.
func (a *album) remember(t *testing.T, zone *time.Location) {
	t.Helper()
	id, err := enrolment.Load(a.room.Data)
	if err != nil {
		t.Fatal(err)
	}
	chip, err := tpm.OpenChip(a.room.TPM.Endpoint(), id.Keys)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Now().In(zone)
	config, err := id.Journal(a.room.Data, chip.Log())
	if err != nil {
		t.Fatal(err)
	}
	config.Now = func() time.Time { return clock }
	past, err := journal.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	today := time.Date(clock.Year(), clock.Month(), clock.Day(), 0, 0, 0, 0, zone)
	end := clock
	for day := today.AddDate(0, 0, -30); !day.After(today); day = day.AddDate(0, 0, 1) {
		if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			continue
		}
		if err := pastDay(t.Context(), past, chance, day, end, &clock); err != nil {
			t.Fatal(err)
		}
	}
	if err := past.Close(); err != nil {
		t.Fatal(err)
	}
	if err := chip.Close(); err != nil {
		t.Fatal(err)
	}
}

// pastDay is two operators at work, until the end at most: letters are printed
// and enveloped, some are looked at, now and then one that nobody prints then.
func pastDay(ctx context.Context, j *journal.Journal, chance *rand.Rand, day, end time.Time, clock *time.Time) error {
	note := func(a journal.Access, o journal.Outcome) error {
		*clock = clock.Add(time.Duration(20+chance.IntN(60)) * time.Second)
		return j.Record(ctx, a, o)
	}
	for hour := 8; hour < 17; hour++ {
		*clock = day.Add(time.Duration(hour)*time.Hour + time.Duration(chance.IntN(600))*time.Second)
		who := []string{"p1", "p4"}[chance.IntN(2)]
		if clock.Add(time.Hour).After(end) {
			return nil
		}
		if err := note(journal.Access{Actor: who, Action: journal.ActionUnlock}, journal.OutcomeDone); err != nil {
			return err
		}
		for range chance.IntN(5) {
			letter := uuid.NewString()
			steps := []journal.Action{journal.ActionPrint, journal.ActionEnvelope}
			switch chance.IntN(12) {
			case 0, 1:
				steps = append([]journal.Action{journal.ActionPreview}, steps...)
			case 2:
				steps = []journal.Action{journal.ActionPreview}
			}
			for _, step := range steps {
				a := journal.Access{Actor: who, Action: step, Object: letter}
				if step == journal.ActionPreview {
					a.Pages = journal.Pages(1, 1+chance.IntN(4))
				}
				if err := note(a, journal.OutcomeDone); err != nil {
					return err
				}
			}
		}
		if err := note(journal.Access{Actor: who, Action: journal.ActionLock}, journal.OutcomeDone); err != nil {
			return err
		}
	}
	return nil
}

// take writes what the window shows, small, once it has stood still for a while.
func (a *album) take(name string) {
	a.t.Helper()
	for before := []byte(nil); !bytes.Equal(before, a.picture); {
		before = a.picture
		time.Sleep(2 * time.Second)
		a.settle()
	}
	a.now(name)
}

// now does so at once: something moves.
func (a *album) now(name string) {
	a.t.Helper()
	dir := filepath.Join("..", "..", "docs", "screenshots")
	whole := filepath.Join(a.t.TempDir(), name+".png")
	shot, err := a.eyes.see()
	if err == nil {
		err = save(whole, shot)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		a.t.Fatal(err)
	}
	small := filepath.Join(dir, name+".png")
	if said, err := exec.CommandContext(a.t.Context(), "convert", whole, "-strip", "+dither", "-colors", "256", "PNG8:"+small).CombinedOutput(); err != nil {
		a.t.Fatalf("%v: %s", err, said)
	}
}

// choose changes a setting by the keys that lead to it, and goes on once the
// settings are closed again.
func (a *album) choose(keys ...string) {
	a.t.Helper()
	corner := image.Rect(0, 0, 88, 96) // with the first word of the rail; dimmed while the settings are open
	differs := func() func() bool {
		before := a.part(corner)
		return func() bool { return !bytes.Equal(before, a.part(corner)) }
	}
	a.try("the settings are open", differs(), "ctrl+comma")
	a.press(keys...)
	a.try("the settings are closed", differs(), "Escape")
	a.settle()
}

func (a *album) light() { a.choose("Tab", "Tab", "Return") }

func (a *album) unlockScene() {
	before := 0 // the journal remembers other days
	for _, e := range written(a.t, a.room) {
		if e.String() == "unlock p1 done" {
			before++
		}
	}
	a.light()
	a.press("1")
	a.write("4839")
	a.take("unlock")
	a.write("20")
	a.press("Return")
	awaitWritten(a.t, a.room, "unlock p1 done", before+1)
}

func (a *album) queueScene() {
	a.try("the letters are here", func() bool { return len(keptLetters(a.t, a.room)) == 25 }, "F5")
	a.try("a letter is printed", a.count(a.room, store.DeviceDone, 1), "ctrl+p")
	a.press("ctrl+t", "Home", "Down", "Down", "Down", "Return")
	a.take("queue")
	a.press("Escape")
}

// pressScene has a letter that nobody can be sure of, and a batch that waits for
// paper.
func (a *album) pressScene() {
	a.proxy.Break(&virtual.Fault{Operation: sendDocument, Times: 1, CutAfter: 20_000})
	a.try("a letter is uncertain", a.count(a.room, store.Uncertain, 1), "ctrl+p")
	done := len(inState(a.t, a.room, store.DeviceDone))
	a.room.Printer.Trouble("media-empty", 9)
	a.try("a batch prints", func() bool { return len(inState(a.t, a.room, store.DeviceDone)) > done+1 }, "ctrl+g", "End", "Up", "ctrl+p")
	await(a.t, "its next letter is sent", a.count(a.room, store.Sent, 1))
	a.press("ctrl+2", "ctrl+t", "Home")
	a.take("press")
	a.choose("Tab", "Tab", "Tab", "Return")
	a.take("press-dark")
	a.light()
	a.room.Printer.Clear()
}

// dropOffScene has a deposit that is proved, and the receipt of another that
// lacks a number.
func (a *album) dropOffScene() {
	a.press("ctrl+1", "ctrl+g", "Home")
	await(a.t, "everything is printed", func() bool {
		a.press("ctrl+p")
		return len(inState(a.t, a.room, store.Ready))+len(inState(a.t, a.room, store.Sent)) == 0
	})
	for i, every := range []int{2, 1} {
		a.press("ctrl+2")
		scanned := 0
		for n, k := range inState(a.t, a.room, store.DeviceDone) {
			if n%every == 0 {
				a.scan(k.Attempt)
				scanned++
			}
		}
		await(a.t, "they are enveloped", a.count(a.room, store.Enveloped, scanned))
		a.try("they are dropped off", a.count(a.room, store.Enveloped, 0), "ctrl+3", "Escape", "ctrl+d")
		await(a.t, "central has the deposit", func() bool {
			return len(query(a.t, centralDB(a.room), `SELECT id FROM deposits`)) == i+1
		})
		a.receipt(i)
	}
	a.take("dropoff")
	a.press("ctrl+k")
}

// receipt drags a deposit's receipt onto the window. The first one is whole and
// kept, the second is not.
func (a *album) receipt(i int) {
	deposit := query(a.t, stationDB(a.room), `SELECT number FROM deposits ORDER BY closed DESC`)[0][0]
	var numbers []string
	for _, row := range query(a.t, centralDB(a.room), `SELECT j.tracking FROM pieces p JOIN jobs j ON j.id = p.job
		WHERE j.tracking <> '' AND p.deposit = (SELECT id FROM deposits ORDER BY closed_at DESC LIMIT 1)`) {
		numbers = append(numbers, row[0])
	}
	if i > 0 {
		numbers = append(numbers[1:], "RA473124829BE", "RA473124820BE", "CE473124829BE")
	}
	img, err := mail.ReceiptImage(int64(i+1), deposit, numbers)
	if err != nil {
		a.t.Fatal(err)
	}
	path := filepath.Join(a.t.TempDir(), fmt.Sprintf("scan-%04d.jpg", i+17))
	if err := os.WriteFile(path, img, 0o600); err != nil {
		a.t.Fatal(err)
	}
	if err := drop(a.desk.window, path); err != nil {
		a.t.Fatal(err)
	}
	if i == 0 {
		a.try("central has the receipt", func() bool {
			return len(query(a.t, centralDB(a.room), `SELECT id FROM receipts WHERE image IS NOT NULL`)) == 1
		}, "ctrl+k")
	}
}

func (a *album) journalScene() {
	a.try("the station is locked", a.has(a.room, "lock p1 done"), "ctrl+l")
	a.unlock("2", PIN("p2"))
	awaitWritten(a.t, a.room, "unlock p2 done", 1)
	a.try("the journal is open", a.has(a.room, "review p2 done opened"), "ctrl+4")
	a.press("ctrl+d", "Right", "Right", "Right", "ctrl+u")
	a.press("ctrl+t", "Home", "Down", "Down", "Return")
	a.take("journal")
}

func (a *album) roomScene() {
	a.try("the station is locked", a.has(a.room, "lock p2 done"), "ctrl+l")
	a.unlock("3", PIN("p3"))
	awaitWritten(a.t, a.room, "unlock p3 done", 1)
	a.press("ctrl+5")
	a.setUp(a.room, a.second)
	a.try("a test sheet comes out", func() bool { return ended(a.second) == 1 }, "ctrl+t", "Tab", "Tab", "Return")
	a.press("ctrl+g", "Prior", "Prior")
	a.take("room")
}
