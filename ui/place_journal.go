package ui

import (
	"espero-soft.com/printroom/ui/screens"
	"espero-soft.com/printroom/ui/viewmodel"
)

func (d *desk) journalPlace() place {
	d.journal = viewmodel.NewJournal(d.config.Station, d.config.Station, d.post, viewmodel.Clock(d.config.Now))
	screen := screens.NewJournal(d.at, d.journal)
	d.journal.Changed = screen.Redraw
	return place{
		screen: screen,
		show:   d.journal.Show,
		lock: func() {
			screen.Lock()
			d.journal.Lock()
		},
		close:  d.journal.Close,
		scan:   d.journal.Scan,
		keep:   d.journal.Keep,
		recall: d.journal.Recall,
	}
}
