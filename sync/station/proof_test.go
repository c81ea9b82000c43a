package station

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/store"
)

// S10 numbers with right check digits.
const (
	first  = "RA473124829BE"
	second = "RA473124832BE"
	third  = "RA473124846BE"
)

// registered makes letters that were dropped off registered, under central's
// numbers; "" is one that central gave none.
func (r *room) registered(numbers ...string) (Deposit, []string) {
	r.t.Helper()
	r.product, r.numbers = wire.ProductRegistered, numbers
	ids := r.pay(slices.Repeat([]string{"PAGES 2"}, len(numbers))...)
	r.product, r.numbers = "", nil
	return r.dropped(ids), ids
}

// sheet is a scan with codes on it, one below the other, on grey paper.
func (r *room) sheet(texts ...string) *image.Gray {
	r.t.Helper()
	page := image.NewGray(image.Rect(0, 0, 900, 160+140*len(texts)))
	draw.Draw(page, page.Bounds(), image.NewUniform(color.Gray{Y: 0xf4}), image.Point{}, draw.Src)
	for i, text := range texts {
		code, err := code128.Encode(text)
		r.check(err)
		scaled, err := barcode.Scale(code, 3*code.Bounds().Dx(), 70)
		r.check(err)
		draw.Draw(page, scaled.Bounds().Add(image.Pt(100, 100+140*i)), scaled, image.Point{}, draw.Src)
	}
	return page
}

func (r *room) png(img image.Image) []byte {
	r.t.Helper()
	var file bytes.Buffer
	r.check(png.Encode(&file, img))
	return file.Bytes()
}

func (r *room) deposit(number string) DepositView {
	r.t.Helper()
	all, err := r.Deposits(r.t.Context())
	r.check(err)
	for _, d := range all {
		if d.Number == number {
			return d
		}
	}
	r.t.Fatalf("deposit %s is not listed", number)
	return DepositView{}
}

func (r *room) attempt(id string) postal.AttemptCode { return r.job(id).Attempt }

// TestPartialReceipts: a deposit of three registered letters gets its proof from
// two receipts and a number typed by hand.
func TestPartialReceipts(t *testing.T) {
	r := newRoom(t)
	d, ids := r.registered(first, second, third)
	if got := r.deposit(d.Number); !got.Pending() || got.Registered != 3 || got.Pieces != 3 || got.Acknowledged {
		t.Errorf("a deposit without a receipt: %+v", got)
	}
	one := r.png(r.sheet(d.Number, first, foreign, "323212345678901234567890", "RB123456784GB"))
	read, err := r.ReadReceipt(t.Context(), d.Number, Capture{File: one})
	r.check(err)
	if read.Missing() != 2 || len(read.Letters) != 3 || read.Fault != nil || len(read.Codes) != 5 {
		t.Errorf("read %+v", read)
	}
	for _, c := range read.Codes {
		b := read.Picture.Bounds()
		for _, p := range c.Corners {
			if !p.In(b.Inset(-4)) {
				t.Errorf("%s has a corner at %v, outside the picture %v", c.Text, p, b)
			}
		}
	}
	if got := r.deposit(d.Number); got.Receipts != 0 {
		t.Fatal("reading kept a receipt")
	}
	kept, err := r.KeepReceipt(t.Context(), d.Number, Capture{File: one}, ByHand{})
	r.check(err)
	if len(kept.Missing) != 2 {
		t.Errorf("missing %v, want two", kept.Missing)
	}
	if got := r.deposit(d.Number); !got.Pending() || got.Proven != 1 || got.Receipts != 1 {
		t.Errorf("after the first receipt: %+v", got)
	}
	two := r.png(r.sheet("nothing", second))
	hand := ByHand{Numbers: []Correction{{Attempt: r.attempt(ids[2]), Number: " ra 473 124 846 be"}}}
	kept, err = r.KeepReceipt(t.Context(), d.Number, Capture{File: two}, hand)
	r.check(err)
	if got := r.deposit(d.Number); got.Pending() || got.Proven != 3 || got.Receipts != 2 {
		t.Errorf("after the second receipt: %+v", got)
	}
	proof, err := r.Proof(t.Context(), kept.ID)
	r.check(err)
	if len(proof.Numbers) != 2 {
		t.Errorf("central gets %v, want the number read and the one typed", proof.Numbers)
	}
	r.acknowledgeAll()
	if got := r.deposit(d.Number); !got.Acknowledged {
		t.Errorf("central has all of it: %+v", got)
	}
}

func (r *room) acknowledgeAll() {
	r.t.Helper()
	messages, err := r.Outbox(r.t.Context(), 1000)
	r.check(err)
	for _, m := range messages {
		r.check(r.Delivered(r.t.Context(), m.ID))
	}
}

// TestTypedNumbers: what a person types is checked as what a scanner reads.
func TestTypedNumbers(t *testing.T) {
	r := newRoom(t)
	d, ids := r.registered(first, "")
	file := r.png(r.sheet("nothing of ours"))
	for text, want := range map[string]FaultCode{
		"RA473124828BE": NumberCheck, "323212345678901234567890": NumberParcel, "hello": NumberInvalid, second: NumberOther,
	} {
		c := Correction{Attempt: r.attempt(ids[0]), Number: text}
		_, err := r.KeepReceipt(t.Context(), d.Number, Capture{File: file}, ByHand{Numbers: []Correction{c}})
		wantFault(t, err, want)
		var which *CorrectionError
		if !errors.As(err, &which) || which.Attempt != c.Attempt {
			t.Errorf("%s: the error does not name the letter: %v", text, err)
		}
		wantFault(t, r.CheckCorrections(t.Context(), d.Number, []Correction{c}), want)
	}
	used := []Correction{{Attempt: r.attempt(ids[1]), Number: first}}
	wantFault(t, r.CheckCorrections(t.Context(), d.Number, used), NumberUsed)
	twice := []Correction{{Attempt: r.attempt(ids[0]), Number: first}, {Attempt: r.attempt(ids[1]), Number: first}}
	wantFault(t, r.CheckCorrections(t.Context(), d.Number, twice), NumberUsed)
	if got := r.deposit(d.Number); got.Receipts != 0 {
		t.Error("a refused number kept a receipt")
	}
	good := ByHand{Numbers: []Correction{{Attempt: r.attempt(ids[1]), Number: second}}}
	_, err := r.KeepReceipt(t.Context(), d.Number, Capture{File: file}, good)
	r.check(err)
	if !r.job(ids[1]).Numbered || r.deposit(d.Number).Proven != 1 {
		t.Error("the number off the receipt is not the letter's")
	}
}

// TestBadFilesAndVouching: files that prove nothing are refused one by one, and a
// person may vouch for a receipt that bears no code.
func TestBadFilesAndVouching(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	other := r.dropped(r.pay("PAGES 2"))
	huge := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xff\xff\x00\x00\xff\xff\x08\x00\x00\x00\x00\x9a\x76\x82\x70")
	polyglot := append([]byte("%PDF-1.7\n"), r.png(r.sheet(d.Number))...)
	for _, bad := range [][]byte{nil, []byte("no picture"), huge, polyglot, r.png(r.sheet(d.Number))[:500]} {
		_, err := r.ReadReceipt(t.Context(), d.Number, Capture{File: bad})
		wantFault(t, err, ReceiptUnreadable)
	}
	read, err := r.ReadReceipt(t.Context(), d.Number, Capture{File: r.png(r.sheet(other.Number))})
	r.check(err)
	if read.Other != other.Number || read.Fault == nil || read.Fault.Code != ReceiptOther {
		t.Errorf("another deposit's receipt: belongs to %q, fault %v", read.Other, read.Fault)
	}
	blank := Capture{File: r.png(r.sheet())}
	_, err = r.KeepReceipt(t.Context(), d.Number, blank, ByHand{})
	wantFault(t, err, ReceiptOther)
	_, err = r.KeepReceipt(t.Context(), d.Number, blank, ByHand{Vouched: true})
	r.check(err)
	if r.deposit(d.Number).Pending() {
		t.Error("the deposit's proof is still pending")
	}
	_, err = r.KeepReceipt(t.Context(), d.Number, blank, ByHand{Vouched: true})
	wantFault(t, err, ReceiptKnown)
	_, err = r.KeepReceipt(t.Context(), other.Number, blank, ByHand{Vouched: true})
	r.check(err) // the same sheet may be two deposits' receipt
}

// TestTurnedAndCropped: what is kept is what the person left of the picture.
func TestTurnedAndCropped(t *testing.T) {
	r := newRoom(t)
	d, _ := r.registered(first)
	page := r.sheet(d.Number, first, foreign)
	upside := turned(page, 1).(*image.Gray)
	var file bytes.Buffer
	r.check(jpeg.Encode(&file, upside, &jpeg.Options{Quality: 90}))
	whole := Capture{File: file.Bytes(), Turns: 3}
	read, err := r.ReadReceipt(t.Context(), d.Number, whole)
	r.check(err)
	if got, want := read.Picture.Bounds().Size(), page.Bounds().Size(); got != want {
		t.Fatalf("turned back it is %v, want %v", got, want)
	}
	if len(read.Codes) != 3 {
		t.Fatalf("%d codes, want 3", len(read.Codes))
	}
	part := whole
	part.Crop = image.Rect(0, 0, 900, 360) // without the foreign number
	kept, err := r.KeepReceipt(t.Context(), d.Number, part, ByHand{})
	r.check(err)
	if len(kept.Codes) != 2 || len(kept.Missing) != 0 {
		t.Errorf("kept %+v", kept)
	}
	img, _, err := image.Decode(bytes.NewReader(r.shows(kept.ID)))
	r.check(err)
	if got := img.Bounds(); got != image.Rect(0, 0, 900, 360) {
		t.Errorf("central gets a picture of %v", got)
	}
	far := whole
	far.Crop = image.Rect(5000, 5000, 6000, 6000)
	_, err = r.ReadReceipt(t.Context(), d.Number, far)
	wantFault(t, err, ReceiptUnreadable)
}

func TestTurnsAreQuarters(t *testing.T) {
	img := image.NewRGBA(image.Rect(3, 5, 5, 8)) // 2 wide, 3 high, not at the origin
	red, blue := color.RGBA{R: 255, A: 255}, color.RGBA{B: 255, A: 255}
	img.SetRGBA(3, 5, red)
	img.SetRGBA(4, 7, blue)
	for quarters, want := range map[int][3]image.Point{
		0: {{2, 3}, {0, 0}, {1, 2}}, 1: {{3, 2}, {2, 0}, {0, 1}}, 2: {{2, 3}, {1, 2}, {0, 0}}, 3: {{3, 2}, {0, 1}, {2, 0}},
	} {
		out := turned(img, quarters)
		if out.Bounds() != (image.Rectangle{Max: want[0]}) {
			t.Errorf("%d quarters: %v", quarters, out.Bounds())
		}
		if out.At(want[1].X, want[1].Y) != red || out.At(want[2].X, want[2].Y) != blue {
			t.Errorf("%d quarters: the corners are elsewhere", quarters)
		}
	}
}

// TestLabelByTwoScans: a registered letter without a number gets that of a label.
func TestLabelByTwoScans(t *testing.T) {
	r := newRoom(t)
	r.product, r.numbers = wire.ProductRegistered, []string{"", "", second}
	ids := r.pay("PAGES 2", "PAGES 2", "PAGES 2")
	r.product = ""
	plain := r.pay("PAGES 2")
	r.check(r.PrintBatch(t.Context(), append(ids, plain...)))
	code := func(id string) string { return string(r.attempt(id)) }
	for text, want := range map[string]FaultCode{"hello": NumberInvalid, "RA473124828BE": NumberCheck, second: NumberUsed} {
		_, err := r.BindNumber(t.Context(), code(ids[0]), text)
		wantFault(t, err, want)
	}
	_, err := r.BindNumber(t.Context(), code(plain[0]), first)
	wantFault(t, err, NumberNotWanted)
	_, err = r.BindNumber(t.Context(), code(ids[2]), first) // central gave it one
	wantFault(t, err, NumberOther)
	for range 2 {
		j, err := r.BindNumber(t.Context(), code(ids[0]), first)
		r.check(err)
		if !j.Numbered {
			t.Error("the letter has no number")
		}
	}
	_, err = r.BindNumber(t.Context(), code(ids[1]), first)
	wantFault(t, err, NumberUsed)
	_, err = r.BindNumber(t.Context(), code(ids[0]), third) // the label was the wrong one
	r.check(err)
	_, err = r.BindNumber(t.Context(), code(ids[1]), first)
	r.check(err)
	for _, id := range append(ids, plain...) {
		_, err := r.Scan(t.Context(), code(id))
		r.check(err)
	}
	r.answer(wire.EventEnveloped, wire.Verdict{Verdict: wire.VerdictAccepted})
	d, err := r.Deposit(t.Context())
	r.check(err)
	kept, err := r.AttachReceipt(t.Context(), d.Number, r.png(r.sheet(first, second, third)))
	r.check(err)
	proof, err := r.Proof(t.Context(), kept.ID)
	r.check(err)
	if len(kept.Missing) != 0 || len(proof.Numbers) != 3 {
		t.Errorf("missing %v, central gets %v", kept.Missing, proof.Numbers)
	}
	_, err = r.BindNumber(t.Context(), code(ids[0]), first)
	wantFault(t, err, CodeState) // it is dropped off
	if r.state(ids[0]) != store.Dropped {
		t.Errorf("%s", r.state(ids[0]))
	}
}
