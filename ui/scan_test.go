package ui

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

// atWork is a room with letters in which Sam is at the queue.
func atWork(t *testing.T, letters int) *room {
	t.Helper()
	r := open(t, letters)
	r.enter("4", "2468")
	r.until(func() bool {
		return !r.desk.locked && r.desk.queue.Ready && len(r.desk.queue.Rows) == letters && r.desk.window.Canvas().Focused() != nil
	})
	return r
}

// TestScanChoosesALetterOnWhateverHasTheFocus goes through all that can have
// the focus: no field keeps a character, no button is pressed, and the letter
// is chosen even when the filter hides it.
func TestScanChoosesALetterOnWhateverHasTheFocus(t *testing.T) {
	r := atWork(t, 30)
	jobs := r.at.Snapshot().Jobs
	r.desk.queue.SetFilter("zzz")
	r.until(func() bool { return len(r.desk.queue.Rows) == 0 })
	for i := range 14 {
		if i > 0 {
			r.desk.window.Canvas().FocusNext()
		}
		on := r.desk.window.Canvas().Focused()
		want := jobs[i*2%30]
		code := "B24:" + string(want.Code) + ":1/3"
		if i%2 == 1 {
			code = strings.ToLower(string(want.Code))
		}
		r.scan(code)
		if r.desk.queue.Selected != want.ID || r.desk.queue.Filter != "" {
			t.Fatalf("on %T: chosen %q, want %q; filter %q", on, r.desk.queue.Selected, want.ID, r.desk.queue.Filter)
		}
		r.until(func() bool { return len(r.desk.queue.Rows) == 30 })
		if r.desk.sheet.open() || r.desk.locked || r.desk.queue.Claiming {
			t.Fatalf("on %T: the code pressed something", on)
		}
	}
	if len(r.at.Viewed()) != 0 {
		t.Error("a scan opened a letter")
	}
}

func TestUnknownCodeIsSaid(t *testing.T) {
	r := atWork(t, 3)
	r.scan("5412345678908")
	if got := r.desk.shell.told.What(); got != "Not a code of this station" {
		t.Fatalf("it says %q", got)
	}
	if r.desk.queue.Filter != "" || r.desk.queue.Selected != "" {
		t.Error("the code went somewhere")
	}
	r.scan(string(r.at.Snapshot().Jobs[1].Code))
	if got := r.desk.shell.told.What(); got != "" {
		t.Errorf("after a good code it still says %q", got)
	}
}

// TestScanOnALockedWindow: a code is nobody's PIN.
func TestScanOnALockedWindow(t *testing.T) {
	r := open(t, 3)
	r.scan("4444444412345678")
	if r.desk.unlock.Person() != nil {
		t.Errorf("the code chose %s", r.desk.unlock.Person().Name)
	}
	r.typed("4")
	r.scan("2468246824682468")
	r.key(fyne.KeyReturn)
	if r.desk.unlock.Busy || r.desk.unlock.Fault != nil {
		t.Error("the code was taken for a PIN")
	}
	r.typed("2468")
	r.key(fyne.KeyReturn)
	r.until(func() bool { return !r.desk.locked })
}

// other is a screen that takes codes and files.
func (r *room) other() (codes, files *[]string) {
	codes, files = new([]string), new([]string)
	d := r.desk
	d.places[0].scan = func(code string) bool {
		*codes = append(*codes, code)
		return strings.HasPrefix(code, "RR")
	}
	d.places[0].dropped = func(paths []string) { *files = append(*files, paths...) }
	return codes, files
}

func TestTheScreenInSightComesFirst(t *testing.T) {
	r := atWork(t, 3)
	codes, files := r.other()
	want := r.at.Snapshot().Jobs[2]
	r.scan("RR123456785BE")
	r.scan(string(want.Code))
	if len(*codes) != 2 || r.desk.queue.Selected != want.ID || r.desk.shell.told.Visible() {
		t.Errorf("codes %q, chosen %q", *codes, r.desk.queue.Selected)
	}
	r.desk.showKeys()
	r.scan("RR123456785BE")
	if len(*codes) != 2 || r.desk.shell.told.What() == "" {
		t.Error("a code went under the sheet")
	}
	drop := []fyne.URI{storage.NewFileURI("/tmp/a.pdf")}
	r.desk.drop(fyne.Position{}, drop)
	r.desk.sheet.close()
	r.desk.drop(fyne.Position{}, drop)
	if len(*files) != 1 || (*files)[0] != "/tmp/a.pdf" {
		t.Errorf("files %q", *files)
	}
}

// TestALetterThatNoScreenShows: it is named with its state.
func TestALetterThatNoScreenShows(t *testing.T) {
	r := atWork(t, 0)
	jobs := uitest.Jobs(1, time.Now())
	jobs[0].State = "DROPPED"
	r.at.Change(func(c *station.Snapshot) { c.Jobs = jobs })
	for i := range r.desk.places {
		r.desk.places[i].choose = nil
	}
	r.scan(string(jobs[0].Code))
	if got := r.desk.shell.told.What(); !strings.HasPrefix(got, "Letter ") || !strings.Contains(got, "Dropped off") {
		t.Errorf("it says %q", got)
	}
	if screensOf("SENT")[0] != "press" || screensOf("READY")[0] != "queue" || screensOf("ENVELOPED")[0] != "dropoff" {
		t.Error("a letter is looked for at the wrong screen first")
	}
}
