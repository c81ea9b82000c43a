package viewmodel

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"espero-soft.com/printroom/sync/station"
)

// Folder is a look into the folders of the disk for a picture.
type Folder struct {
	Open    bool
	Loading bool
	Path    string
	Entries []FolderEntry // the folder above, the folders in it, the pictures, newest first
	Chosen  int           // −1 for none
	Fault   *station.Fault
	Changed func()

	asks   *asks
	latest int
}

// FolderEntry is a picture, or a folder to go to.
type FolderEntry struct {
	Name string // ".." for the folder above
	Path string
	Dir  bool
	At   time.Time
}

// NewFolder returns one that is shut.
func NewFolder(post Poster) *Folder {
	return &Folder{asks: newAsks(post), Chosen: -1, Changed: func() {}}
}

// mostEntries is how many entries of a folder are shown.
const mostEntries = 2000

// Show looks into a folder; "" is the one looked into last, or else the person's
// own.
func (f *Folder) Show(path string) {
	if path = cmp.Or(path, f.Path); path == "" {
		path, _ = os.UserHomeDir() // "" then is the folder the program runs in
	}
	path = filepath.Clean(path)
	f.latest++
	n := f.latest
	f.Open, f.Loading, f.Fault = true, true, nil
	f.asks.run(func(context.Context) func() {
		entries, err := list(path)
		return func() {
			if n == f.latest {
				f.shown(path, entries, err)
			}
		}
	})
	f.Changed()
}

func (f *Folder) shown(path string, entries []FolderEntry, err error) {
	f.Loading = false
	if err != nil {
		f.Fault = &station.Fault{Code: station.FileUnreadable, Err: err}
	} else {
		f.Path, f.Entries, f.Chosen = path, entries, min(0, len(entries)-1)
	}
	f.Changed()
}

func list(path string) ([]FolderEntry, error) {
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var entries []FolderEntry
	for _, file := range files {
		e := FolderEntry{Name: file.Name(), Path: filepath.Join(path, file.Name()), Dir: file.IsDir()}
		if strings.HasPrefix(e.Name, ".") || !e.Dir && !station.PictureName(e.Name) {
			continue
		}
		if info, err := file.Info(); err == nil && !e.Dir {
			e.At = info.ModTime()
		}
		entries = append(entries, e)
	}
	slices.SortStableFunc(entries, func(a, b FolderEntry) int {
		return cmp.Or(kindOf(a)-kindOf(b), b.At.Compare(a.At), cmp.Compare(a.Name, b.Name))
	})
	if above := filepath.Dir(path); above != path {
		entries = slices.Insert(entries, 0, FolderEntry{Name: "..", Path: above, Dir: true})
	}
	return entries[:min(len(entries), mostEntries)], nil
}

func kindOf(e FolderEntry) int {
	if e.Dir {
		return 0
	}
	return 1
}

// Choose marks an entry.
func (f *Folder) Choose(i int) {
	if i != f.Chosen && i < len(f.Entries) {
		f.Chosen = i
		f.Changed()
	}
}

// Enter goes into the chosen folder, or gives the chosen picture and shuts.
func (f *Folder) Enter() (picture string, ok bool) {
	if f.Loading || f.Chosen < 0 || f.Chosen >= len(f.Entries) {
		return "", false
	}
	e := f.Entries[f.Chosen]
	if e.Dir {
		f.Show(e.Path)
		return "", false
	}
	f.Leave()
	return e.Path, true
}

// Up goes to the folder above.
func (f *Folder) Up() { f.Show(filepath.Dir(f.Path)) }

// Leave shuts it.
func (f *Folder) Leave() {
	f.latest++
	f.Open, f.Loading, f.Fault, f.Entries, f.Chosen = false, false, nil, nil, -1
	f.Changed()
}

// Close ends the work that runs and waits for it.
func (f *Folder) Close() { f.asks.close() }
