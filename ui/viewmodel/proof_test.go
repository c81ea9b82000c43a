package viewmodel_test

import (
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel"
)

// file writes what stands for a picture.
func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReceiptIsReadCorrectedAndKept takes a file for the newest pending deposit,
// types the numbers that are missing, and keeps it.
func TestReceiptIsReadCorrectedAndKept(t *testing.T) {
	c := newCounter(t)
	p := c.proof
	p.Take([]string{file(t, "a.png", "picture")})
	c.until(func() bool { return p.Picture != nil && !p.Loading })
	if p.Deposit != c.model.Deposits[0].Number || c.model.Chosen != p.Deposit || p.Name != "a.png" {
		t.Fatalf("%s was read for %q", p.Name, p.Deposit)
	}
	missing := p.Missing()
	if missing == 0 || p.Shown()+missing != len(p.Letters) || !p.CanKeep() {
		t.Fatalf("%d missing, %d shown of %d", missing, p.Shown(), len(p.Letters))
	}
	var letter station.ProofLetter
	for _, l := range p.Letters {
		if !l.Found {
			letter = l
		}
	}
	p.Type(letter.Attempt, "RA473124828BE")
	p.Check()
	c.until(func() bool { return p.Wrong[letter.Attempt] != nil })
	if p.CanKeep() {
		t.Error("a number with a wrong check digit can be kept")
	}
	p.Type(letter.Attempt, "RA473124829BE")
	if len(p.Wrong) != 0 || p.Missing() != missing-1 {
		t.Errorf("wrong %v, missing %d", p.Wrong, p.Missing())
	}
	p.Keep()
	c.until(func() bool { return p.Kept != nil })
	if p.Picture != nil || p.Open() || p.Kept.Missing != missing-1 || len(p.Letters) != 0 {
		t.Errorf("after keeping: %+v, open %v", p.Kept, p.Open())
	}
	if kept := c.at.KeptByHand(); len(kept) != 1 || len(kept[0].Numbers) != 1 || kept[0].Numbers[0].Attempt != letter.Attempt {
		t.Errorf("kept %+v", kept)
	}
	c.until(func() bool { return c.model.Deposits[0].Receipts == 1 })
	if !c.model.Deposits[0].Pending() {
		t.Error("a receipt that lacks numbers ended the wait")
	}
}

// TestBadFileNeverPoisonsTheNext: it is on a list, and the next one is open.
func TestBadFileNeverPoisonsTheNext(t *testing.T) {
	c := newCounter(t)
	p := c.proof
	bad := file(t, "bad.png", "bad")
	c.at.Reads(func(_ string, capture station.Capture) (station.Reading, error) {
		if string(capture.File) == "bad" {
			return station.Reading{}, &station.Fault{Code: station.ReceiptUnreadable, Err: receipt.ErrNotImage}
		}
		return station.Reading{Picture: image.NewGray(image.Rect(0, 0, 8, 8))}, nil
	})
	p.Take([]string{bad, filepath.Join(t.TempDir(), "gone.png"), t.TempDir(), file(t, "good.png", "good"), bad})
	c.until(func() bool { return p.Picture != nil })
	if p.Name != "good.png" || len(p.Bad) != 3 || p.Bad[0].Name != "bad.png" || p.Bad[1].Fault.Code != station.FileUnreadable {
		t.Errorf("open %s, bad %+v", p.Name, p.Bad)
	}
	p.PutAway()
	if p.Open() || p.Picture != nil {
		t.Error("the picture is still there")
	}
	p.Dismiss()
	if len(p.Bad) != 0 {
		t.Error("the list of bad files stays")
	}
}

// TestSlipOnThePictureChoosesTheDeposit, once: a person may choose another.
func TestSlipOnThePictureChoosesTheDeposit(t *testing.T) {
	c := newCounter(t)
	p, first, second := c.proof, c.model.Deposits[0].Number, c.model.Deposits[1].Number
	c.at.Reads(func(number string, _ station.Capture) (station.Reading, error) {
		r := station.Reading{Picture: image.NewGray(image.Rect(0, 0, 8, 8))}
		if number != second {
			r.Other, r.Fault = second, &station.Fault{Code: station.ReceiptOther}
		}
		return r, nil
	})
	p.Take([]string{file(t, "a.png", "x")})
	c.until(func() bool { return p.Deposit == second && !p.Loading && p.Picture != nil })
	if c.model.Chosen != second || p.Weak != nil {
		t.Errorf("looks at %q, weak %v", c.model.Chosen, p.Weak)
	}
	c.model.Choose(first)
	c.until(func() bool { return !p.Loading && p.Weak != nil })
	if c.model.Chosen != first || p.CanKeep() {
		t.Errorf("the person's choice became %q, can keep %v", c.model.Chosen, p.CanKeep())
	}
	p.Vouch(true)
	if !p.CanKeep() {
		t.Error("a person's word counts for nothing")
	}
	c.model.Choose("")
	if p.CanKeep() {
		t.Error("a receipt of no deposit can be kept")
	}
}

// TestTurnAndCut: what is asked of the station is the part of the turned picture,
// and an older answer does not win.
func TestTurnAndCut(t *testing.T) {
	c := newCounter(t)
	p := c.proof
	asked := make(chan station.Capture, 16)
	c.at.Reads(func(_ string, capture station.Capture) (station.Reading, error) {
		asked <- capture
		size := image.Pt(400, 200)
		if capture.Turns%2 == 1 {
			size = image.Pt(200, 400)
		}
		b := image.Rectangle{Max: size}
		if !capture.Crop.Empty() {
			if capture.Crop.Dx() < 20 {
				return station.Reading{}, &station.Fault{Code: station.ReceiptUnreadable, Err: errors.New("nothing left")}
			}
			b = image.Rectangle{Max: capture.Crop.Size()}
		}
		return station.Reading{Picture: image.NewGray(b)}, nil
	})
	settled := func() { c.until(func() bool { return p.Picture != nil && !p.Loading }) }
	p.Take([]string{file(t, "a.png", "x")})
	settled()
	p.Turn(-1)
	settled()
	p.Crop(true)
	p.Cut(image.Rect(10, 20, 110, 220))
	settled()
	p.Cut(image.Rect(5, 5, 50, 60))
	settled()
	if !p.Cropped() || p.Bounds != image.Rect(0, 0, 45, 55) {
		t.Errorf("cropped %v, bounds %v", p.Cropped(), p.Bounds)
	}
	p.Cut(image.Rect(0, 0, 10, 10)) // too little: said, and taken back
	settled()
	if p.Fault == nil || p.Cropped() {
		t.Errorf("fault %v, cropped %v", p.Fault, p.Cropped())
	}
	want := []station.Capture{{}, {Turns: 3}, {Turns: 3, Crop: image.Rect(10, 20, 110, 220)}, {Turns: 3, Crop: image.Rect(15, 25, 60, 80)}}
	for i, w := range want {
		if got := <-asked; got.Turns != w.Turns || got.Crop != w.Crop {
			t.Errorf("reading %d: %d quarters, crop %v; want %d, %v", i, got.Turns, got.Crop, w.Turns, w.Crop)
		}
	}
	p.Magnify(2)
	p.Fit()
	if p.Zoom != 100 {
		t.Errorf("zoom %d", p.Zoom)
	}
}

// TestFolderAndLock: what the scanner leaves opens by itself, once; a lock wipes
// the picture.
func TestFolderAndLock(t *testing.T) {
	c := newCounter(t)
	p := c.proof
	path := file(t, "scan.png", "x")
	var shown *image.Gray
	c.at.Reads(func(string, station.Capture) (station.Reading, error) {
		shown = image.NewGray(image.Rect(0, 0, 8, 8))
		shown.Pix[0] = 0xff
		return station.Reading{Picture: shown}, nil
	})
	c.at.Change(func(s *station.Snapshot) {
		s.Inbox = &station.Inbox{Folder: filepath.Dir(path), Files: []station.Incoming{{Path: path, At: time.Now()}}}
	})
	c.until(func() bool { return p.Picture != nil && !p.Loading })
	p.PutAway()
	c.feed()
	if p.Open() {
		t.Error("what was put away came back by itself")
	}
	p.TakeFromFolder()
	c.until(func() bool { return p.Picture != nil && !p.Loading })
	c.at.Change(func(s *station.Snapshot) { s.Person = nil })
	c.until(func() bool { return p.Picture == nil })
	if shown.Pix[0] != 0 || p.Open() || p.Inbox != nil {
		t.Error("something of the receipt stays while the station is locked")
	}
	p.Take([]string{path})
	if p.Open() {
		t.Error("a locked station took a file")
	}
}

// TestNoDepositForAReceipt: a file is not lost without a word.
func TestNoDepositForAReceipt(t *testing.T) {
	c := newCounter(t)
	c.proof.NewestPending = func() string { return "" }
	c.proof.Take([]string{file(t, "a.png", "x")})
	if len(c.proof.Bad) != 1 || c.proof.Bad[0].Fault.Code != station.ReceiptEarly {
		t.Errorf("bad %+v", c.proof.Bad)
	}
}

// TestScanOfTheReceiptsPaper: a number goes to the letter that has it, or to the
// field in which the person is.
func TestScanOfTheReceiptsPaper(t *testing.T) {
	c := newCounter(t)
	p := c.proof
	letters := []station.ProofLetter{{Attempt: "A1", Number: "RA473124829BE"}, {Attempt: "A2"}}
	c.at.Reads(func(string, station.Capture) (station.Reading, error) {
		return station.Reading{Picture: image.NewGray(image.Rect(0, 0, 8, 8)), Letters: letters}, nil
	})
	if p.Scan("RA473124829BE", "") {
		t.Error("it took a number without a picture")
	}
	p.Take([]string{file(t, "a.png", "x")})
	c.until(func() bool { return p.Picture != nil })
	if !p.Scan("RA473124829BE", "A2") || p.Typed["A1"] == "" || p.Typed["A2"] != "" {
		t.Errorf("typed %v", p.Typed)
	}
	if !p.Scan("RA473124832BE", "A2") || p.Typed["A2"] == "" || p.Scan("RA473124846BE", "") {
		t.Errorf("typed %v", p.Typed)
	}
}

// TestFolderOfTheDisk shows folders first, then pictures, newest first.
func TestFolderOfTheDisk(t *testing.T) {
	c := newCounter(t)
	dir := t.TempDir()
	for i, name := range []string{"old.png", "new.JPG", "notes.txt", ".hidden.png"} {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, time.Time{}, time.Now().Add(time.Duration(i)*time.Hour))); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "scans"), 0o700); err != nil {
		t.Fatal(err)
	}
	f := viewmodel.NewFolder(c.loop.Post)
	t.Cleanup(f.Close)
	f.Show(dir)
	c.until(func() bool { return !f.Loading })
	var names []string
	for _, e := range f.Entries {
		names = append(names, e.Name)
	}
	if len(names) != 4 || names[0] != ".." || names[1] != "scans" || names[2] != "new.JPG" {
		t.Fatalf("entries %v", names)
	}
	f.Choose(1)
	if _, ok := f.Enter(); ok {
		t.Error("a folder was taken for a picture")
	}
	c.until(func() bool { return !f.Loading })
	f.Up()
	c.until(func() bool { return !f.Loading })
	f.Choose(2)
	if path, ok := f.Enter(); !ok || filepath.Base(path) != "new.JPG" || f.Open {
		t.Errorf("took %q, %v", path, ok)
	}
	f.Show(filepath.Join(dir, "gone"))
	c.until(func() bool { return !f.Loading })
	if f.Fault == nil || f.Fault.Code != station.FileUnreadable {
		t.Errorf("a folder that is gone: %v", f.Fault)
	}
}
