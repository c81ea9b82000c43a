package station

import (
	"bytes"
	"context"
	"image"
	"image/draw"
	"image/png"
	"slices"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"golang.org/x/image/tiff"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/wire"
)

const (
	national = "010541288500452621221234567890"
	foreign  = "RB123456785GB"
)

func TestReceiptMatchesItsNumbers(t *testing.T) {
	expected := map[postal.TrackingNumber]postal.AttemptCode{national: "A1", "RA473124829BE": "A2"}
	codes := []receipt.Code{}
	texts := map[string]Finding{
		"D261122-ABCDEF":           FindingSlip,
		national:                   FindingMatched,
		foreign:                    FindingForeign,
		"RB123456784GB":            FindingCheck,
		"323212345678901234567890": FindingParcel,
		"hello":                    FindingOther,
		"D261122-OTHER0":           FindingOther,
	}
	for text := range texts {
		codes = append(codes, receipt.Code{Text: text})
	}
	r := match("D261122-ABCDEF", expected, codes)
	for _, c := range r.Codes {
		if want := texts[c.Text]; c.Finding != want {
			t.Errorf("%s is %q, want %q", c.Text, c.Finding, want)
		}
		if want := map[bool]postal.AttemptCode{true: "A1"}[c.Text == national]; c.Attempt != want {
			t.Errorf("%s is matched to %q, want %q", c.Text, c.Attempt, want)
		}
	}
	if !slices.Equal(r.Missing, []postal.AttemptCode{"A2"}) {
		t.Errorf("missing %v, want A2", r.Missing)
	}
	if err := r.verdict(); err != nil {
		t.Errorf("a receipt with its own numbers is refused: %v", err)
	}
}

func TestReceiptOfSomethingElseIsRefused(t *testing.T) {
	expected := map[postal.TrackingNumber]postal.AttemptCode{national: "A1"}
	for text, want := range map[string]FaultCode{foreign: ReceiptOther, "RB123456784GB": ReceiptNumber, "hello": ReceiptOther} {
		r := match("D1", expected, []receipt.Code{{Text: text}})
		wantFault(t, r.verdict(), want)
	}
	wantFault(t, match("D1", expected, nil).verdict(), ReceiptOther)
}

// picture is a scan with one Code 128 on it, as a PNG file.
func (r *room) picture(text string) []byte {
	r.t.Helper()
	code, err := code128.Encode(text)
	r.check(err)
	scaled, err := barcode.Scale(code, 4*code.Bounds().Dx(), 120)
	r.check(err)
	page := image.NewGray(image.Rect(0, 0, 1240, 600))
	draw.Draw(page, page.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(page, scaled.Bounds().Add(image.Pt(100, 200)), scaled, image.Point{}, draw.Src)
	var file bytes.Buffer
	r.check(png.Encode(&file, page))
	return file.Bytes()
}

// TestReceiptForCentral: whatever the counter's scanner and printer make of it, central gets what the
// contract asks for.
func TestReceiptForCentral(t *testing.T) {
	r := newRoom(t)
	d := r.dropped(r.pay("PAGES 2"))
	img, err := png.Decode(bytes.NewReader(r.picture(d.Number)))
	r.check(err)
	var file bytes.Buffer
	r.check(tiff.Encode(&file, img, nil))
	got, err := r.AttachReceipt(t.Context(), d.Number, file.Bytes())
	r.check(err)
	proof, err := r.Proof(t.Context(), got.ID)
	r.check(err)
	if !proof.MediaType.Valid() {
		t.Errorf("central gets a TIFF file as %q", proof.MediaType)
	}
	spaced := []receipt.Code{{Text: "RA 473 124 829 BE"}}
	numbers := match("D1", map[postal.TrackingNumber]postal.AttemptCode{"RA473124829BE": "A2"}, spaced).numbers()
	if want := []wire.RegisteredNumber{{Attempt: "A2", Number: "RA473124829BE"}}; !slices.Equal(numbers, want) {
		t.Errorf("central gets %v, want %v", numbers, want)
	}
}

// TestAttachReceipt reads a stamped receipt's picture off a file.
func TestAttachReceipt(t *testing.T) {
	r := newRoom(t)
	ids := r.pay("PAGES 2")
	d := r.dropped(ids)
	_, err := r.AttachReceipt(t.Context(), d.Number, []byte("not a picture"))
	wantFault(t, err, ReceiptUnreadable)
	_, err = r.AttachReceipt(t.Context(), d.Number, r.picture("D000000-ABCDEF"))
	wantFault(t, err, ReceiptOther)
	own := r.picture(d.Number)
	got, err := r.AttachReceipt(t.Context(), d.Number, own)
	r.check(err)
	proof, err := r.Proof(t.Context(), got.ID)
	r.check(err)
	image := r.shows(got.ID)
	if string(image) != string(own) || proof.MediaType != "image/png" || proof.Size != int64(len(own)) {
		t.Errorf("central gets %d bytes of %s, said to be %d, want the %d bytes of the file", len(image), proof.MediaType, proof.Size, len(own))
	}
	kept, err := r.kept.ReceiptByID(t.Context(), got.ID)
	r.check(err)
	if slices.Equal(kept.Image, own) {
		t.Error("the picture lies in clear in the store")
	}
	r.check(r.Lock(t.Context()))
	_, err = r.Proof(t.Context(), got.ID)
	wantFault(t, err, Locked)
}

// shows is a receipt's picture, as it is opened for central.
func (r *room) shows(id string) (picture []byte) {
	r.t.Helper()
	r.check(r.Picture(context.Background(), id, "report", func(b []byte) error {
		picture = slices.Clone(b)
		return nil
	}))
	return picture
}
