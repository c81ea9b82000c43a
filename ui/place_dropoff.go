package ui

import (
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
)

func (d *desk) dropOffPlace() place {
	model := viewmodel.NewDropOff(d.config.Station, d.post)
	receipts := viewmodel.NewProof(d.config.Station, d.post)
	folder := viewmodel.NewFolder(d.post)
	screen := screens.NewDropOff(d.at, model, receipts, folder)
	screen.Suggest = suggestSlip
	model.Changed, receipts.Changed, folder.Changed = d.sees(screen), d.sees(screen), d.sees(screen)
	model.Opened = func() { receipts.Follow(model.Chosen) }
	receipts.Switch, receipts.NewestPending = model.Choose, model.NewestPending
	paste := func(fyne.Shortcut) {
		if !d.locked && !d.sheet.open() && d.screens[d.current] == screens.Screen(screen) {
			screen.Paste(d.app.Clipboard().Content())
		}
	}
	d.window.Canvas().AddShortcut(&fyne.ShortcutPaste{Clipboard: d.app.Clipboard()}, paste)
	return place{
		screen: screen,
		show: func(s station.Snapshot) {
			model.Show(s)
			receipts.Show(s)
			if s.Person == nil {
				folder.Leave()
			}
		},
		lock:    func() {}, // the snapshot that locks empties the models
		scan:    screen.Scan,
		dropped: receipts.Take,
		choose:  model.ShowLetter,
		close: func() {
			model.Close()
			receipts.Close()
			folder.Close()
		},
	}
}

// suggestSlip names a slip's file in the person's documents.
func suggestSlip(number string) string {
	home, err := os.UserHomeDir()
	if err != nil {
		return number + ".pdf"
	}
	if documents := filepath.Join(home, "Documents"); isDir(documents) {
		home = documents
	}
	return filepath.Join(home, number+".pdf")
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
