package habits_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"espero-soft.com/printroom/ui/habits"

	"github.com/google/go-cmp/cmp"
)

func TestEachPersonHasTheirOwn(t *testing.T) {
	f := habits.Folder{Dir: filepath.Join(t.TempDir(), "people"), Log: func(err error) { t.Error(err) }}
	if diff := cmp.Diff(habits.Habits{}, f.Recall("p1")); diff != "" {
		t.Errorf("somebody unknown has habits:\n%s", diff)
	}
	want := map[string]habits.Habits{
		"p1":      {Width: 1280, Height: 800, Screen: "queue", Brightness: "dark", TextSize: 150, Language: "nl", Muted: true},
		"../../x": {Screens: map[string]map[string]string{"queue": {"sort": "paid", "down": "yes"}}},
	}
	for range 2 {
		for who, h := range want {
			if err := f.Remember(who, h); err != nil {
				t.Fatal(err)
			}
		}
	}
	for who, h := range want {
		if diff := cmp.Diff(h, f.Recall(who)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", who, diff)
		}
	}
	files, err := os.ReadDir(f.Dir)
	if err != nil || len(files) != 2 {
		t.Fatalf("%d files for two people, %v", len(files), err)
	}
	if info, err := files[0].Info(); err != nil || info.Mode().Perm() != 0o600 || strings.Contains(files[0].Name(), "p1") {
		t.Errorf("%s: %v, %v", files[0].Name(), info.Mode(), err)
	}
}

// TestWhatCantBeReadIsNoHabit: the log is told, the person starts anew.
func TestWhatCantBeReadIsNoHabit(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": "{", "other types": `{"width": "wide"}`, "a window that no display has": `{"width": 2000000, "height": 600}`, "too long": `{"screen":"` + strings.Repeat("x", 70_000) + `"}`,
	} {
		var told error
		f := habits.Folder{Dir: t.TempDir(), Log: func(err error) { told = err }}
		if err := f.Remember("p1", habits.Habits{Width: 900}); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(f.Dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatal(files, err)
		}
		if err := os.WriteFile(files[0], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := f.Recall("p1"); got.Width != 0 || told == nil {
			t.Errorf("%s: %+v, told %v", name, got, told)
		}
	}
}

func TestNoRoomToKeepThem(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (habits.Folder{Dir: dir}).Remember("p1", habits.Habits{}); err == nil {
		t.Error("a file was taken for a folder")
	}
}
