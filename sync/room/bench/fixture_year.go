package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	workingDays   = 270 // of the usual fixture: somewhat more than a year
	entriesADay   = usualEntries / workingDays
	lettersABatch = 25
	entriesABatch = 120 // about
)

// fixtureFirst is the morning of the first day, a Monday.
func fixtureFirst() time.Time { return time.Date(2025, time.November, 3, 7, 0, 0, 0, time.UTC) }

// entry is a journal's entry without its place in the log.
type entry = verify.Entry

// year tells what happens in a print room, day by day, until enough entries
// were added.
type year struct {
	add      func(e entry, whole bool) error
	left     int64 // entries to add
	sequence int64 // of the last one
	random   *rand.Rand
	codes    *rand.ChaCha8
	at       time.Time
	booted   time.Time
	boot     string
	day      int
	letters  int64
	claims   int64
	err      error
}

// tellYear adds as many entries; the same ones each time.
func tellYear(entries int64, add func(e entry, whole bool) error) error {
	seed := [32]byte([]byte("a year of letters in a room, v1 "))
	y := &year{add: add, left: entries, random: rand.New(rand.NewChaCha8(seed)), codes: rand.NewChaCha8(seed), at: fixtureFirst()}
	for y.going() {
		y.workDay()
	}
	return y.err
}

func (y *year) going() bool { return y.left > 0 && y.err == nil }

// operators are eight people, two of whom work on a day; the supervisors look
// at the journal in turn.
func operator(n int) string   { return fmt.Sprintf("p-%04x", 0x7f30+n%8) }
func supervisor(n int) string { return fmt.Sprintf("p-%04x", 0xa110+n%2) }

// workDay is a day from Monday to Friday, from seven on; each twentieth has
// somebody in the room late in the evening.
func (y *year) workDay() {
	morning := fixtureFirst().AddDate(0, 0, y.day/5*7+y.day%5)
	y.at, y.booted = morning, morning.Add(-time.Minute)
	y.boot = fmt.Sprintf("0a0b0c0d-0000-4000-8000-%012x", y.day+1)
	until := y.sequence + entriesADay
	pause := 10 * time.Hour / (entriesADay / entriesABatch)
	y.record("", journal.ActionStart, "", journal.OutcomeDone, "")
	y.unlock(operator(y.day))
	for batch := 0; y.going() && y.sequence < until; batch++ {
		began := y.at
		y.batch(operator(y.day + batch%2))
		if batch%100 == 50 {
			y.review(supervisor(y.day))
		}
		y.at = began.Add(pause)
	}
	if y.day%20 == 7 && y.going() {
		y.at = morning.Add(14 * time.Hour)
		y.unlock(operator(y.day))
		y.batch(operator(y.day))
	}
	y.record("", journal.ActionLock, "", journal.OutcomeDone, "")
	y.day++
}

// unlock is a person coming; one in four has forgotten the PIN at first.
func (y *year) unlock(who string) {
	if y.random.IntN(4) == 0 {
		for range 3 {
			y.record(who, journal.ActionUnlock, "", journal.OutcomeRefused, "wrong_pin")
		}
	}
	y.record(who, journal.ActionUnlock, "", journal.OutcomeDone, "")
}

// batch is a claim of letters: opened, some of them shown, printed, enveloped.
func (y *year) batch(who string) {
	y.claims++
	claim := fmt.Sprintf("claim-%d", y.claims)
	y.record("", journal.ActionClaim, claim, journal.OutcomeDone, "")
	opened := y.intent(entry{Actor: who, Action: string(journal.ActionOpen), Object: claim})
	y.result(opened, journal.OutcomeDone)
	first := y.letters
	y.letters += lettersABatch
	lost := int64(-1)
	if y.random.IntN(20) == 0 {
		lost = first + y.random.Int64N(lettersABatch)
	}
	for n := first; n < y.letters; n++ {
		if n == lost || y.random.IntN(100) < 80 {
			y.show(who, n)
		}
	}
	if y.random.IntN(500) == 0 { // the printer was dead: given back
		y.record("", journal.ActionRelease, claim, journal.OutcomeDone, "printer_off")
		return
	}
	y.printing(who, first, lost)
	for n := first; n < y.letters; n++ {
		if n != lost {
			y.record(who, journal.ActionEnvelope, letter(n), journal.OutcomeDone, "")
		}
	}
}

// letter is the letter's id: a UUID, as central gives them, in no order.
func letter(n int64) string { return uuid.NewSHA1(uuid.Nil, strconv.AppendInt(nil, n, 10)).String() }

// show is a preview: the first page, or all there are.
func (y *year) show(who string, n int64) {
	pages := "1"
	if last := 1 + y.random.IntN(5); last > 1 {
		pages = fmt.Sprintf("1-%d", last)
	}
	shown := y.intent(entry{Actor: who, Action: string(journal.ActionPreview), Object: letter(n), Pages: pages})
	y.result(shown, journal.OutcomeDone)
}

// printing is a batch's intents in one commit and their results as the sheets
// come. One result in two thousand never comes; one letter in a thousand is
// printed three times, one is lost.
func (y *year) printing(who string, first, lost int64) {
	var intents []entry
	for n := first; n < first+lettersABatch; n++ {
		if n == lost {
			continue
		}
		times := 1
		if y.random.IntN(1000) == 0 {
			times = 3
		}
		for range times {
			code, err := postal.NewAttemptCode(y.codes)
			if err != nil {
				y.err = err
				return
			}
			intents = append(intents, entry{Actor: who, Action: string(journal.ActionPrint), Object: letter(n), Attempt: string(code)})
		}
	}
	for i := range intents {
		intents[i] = y.next(intents[i], i+1 == len(intents))
	}
	y.at = y.at.Add(time.Second)
	for _, e := range intents {
		switch draw := y.random.IntN(2000); {
		case draw == 0:
		case draw < 4:
			y.result(e, journal.OutcomeFailed)
		case draw < 6:
			y.result(e, journal.OutcomeUncertain)
		default:
			y.result(e, journal.OutcomeDone)
		}
	}
}

// review is a supervisor reading, who concludes something of what is unusual.
func (y *year) review(who string) {
	y.unlock(who)
	y.record(who, journal.ActionReview, "", journal.OutcomeDone, "opened")
	y.record(who, journal.ActionReview, "", journal.OutcomeDone, "filter_unusual")
	y.record(who, journal.ActionConclude, journal.EntryObject(max(1, y.sequence-y.random.Int64N(entriesADay))), journal.OutcomeDone, "explained")
}

func (y *year) record(who string, a journal.Action, object string, o journal.Outcome, reason string) {
	y.next(entry{Actor: who, Action: string(a), Object: object, Outcome: string(o), Reason: reason}, true)
}

func (y *year) intent(e entry) entry { return y.next(e, true) }

// result ends an access some seconds later.
func (y *year) result(of entry, o journal.Outcome) {
	if of.Sequence == 0 || !y.going() {
		return
	}
	y.at = y.at.Add(time.Duration(50+y.random.IntN(200)) * time.Millisecond)
	of.Intent, of.Outcome = of.Sequence, string(o)
	y.next(of, true)
}

// next adds an entry and gives it back with its sequence, which is 0 when there
// are enough.
func (y *year) next(e entry, whole bool) entry {
	if !y.going() {
		e.Sequence = 0
		return e
	}
	y.at = y.at.Add(time.Duration(10+y.random.IntN(50)) * time.Millisecond)
	e.Boot, e.Monotonic, e.Time = y.boot, y.at.Sub(y.booted).Milliseconds(), y.at.Truncate(time.Millisecond)
	y.err = y.add(e, whole || y.left == 1)
	y.left--
	y.sequence++
	e.Sequence = y.sequence
	return e
}
