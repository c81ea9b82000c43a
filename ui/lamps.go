package ui

import (
	"fyne.io/fyne/v2"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel"
	"espero-soft.com/printroom/ui/widgets"
)

// openLamp opens what a lamp of the status line stands for: the screen where
// something can be done about it or, where there is none for this person, a
// sheet that explains it.
func (d *desk) openLamp(part, word string) {
	for _, name := range d.screensFor(part) {
		if i := d.placeOf(name); i >= 0 {
			d.goTo(i)
			return
		}
	}
	d.showLamp(part, word)
}

// screensFor lists the screens behind a lamp, the best first.
func (d *desk) screensFor(part string) []string {
	reviews := d.frame.Person != nil && d.frame.Person.Role != "operator"
	switch {
	case part == "printer":
		return []string{"press", "room"}
	case part == "journal" && reviews:
		return []string{"journal"}
	}
	return nil
}

// openCutOff shows the letters that have to be ready first.
func (d *desk) openCutOff() {
	d.queue.SetScope(viewmodel.Scope{})
	if d.queue.Sort != (viewmodel.Sort{Column: viewmodel.ByCutOff}) {
		d.queue.SortBy(viewmodel.ByCutOff)
	}
	d.goTo(max(0, d.placeOf("queue")))
}

// showLamp explains a lamp and, when it is bad, says what happened, what it
// means and what to do.
func (d *desk) showLamp(part, word string) {
	text := widgets.NewParagraph(d.kit, theme.Body, theme.Text, false)
	text.Set(d.tongue.Say("lamp." + part + ".about"))
	items := []fyne.CanvasObject{text}
	if f := d.lampFault(part); f != nil {
		items = append([]fyne.CanvasObject{d.at.FaultNotice(f)}, items...)
	}
	if part == "tpm" && d.frame.TPMEndpoint != "" {
		foreign := widgets.NewParagraph(d.kit, theme.Body, theme.Danger, true)
		foreign.Set(d.tongue.Say("lamp.tpm.foreign.about", language.Args{"Endpoint": d.frame.TPMEndpoint}))
		items = append([]fyne.CanvasObject{foreign}, items...)
	}
	d.sheet.show(word, 520, nil, items...)
}

// lampFault is what is wrong with a part, nil when nothing is.
func (d *desk) lampFault(part string) *station.Fault {
	f := d.frame
	lamp, code := f.Central, station.CentralDown
	switch part {
	case "tpm":
		lamp, code = f.TPM, station.TPMMissing
	case "journal":
		lamp, code = f.Journal, station.JournalBroken
	case "printer":
		lamp, code = f.Printer, station.PrinterOff
	}
	switch {
	case lamp != station.LampBad:
		return nil
	case part == "central" && f.LastFault != nil:
		return f.LastFault
	case (part == "tpm" || part == "journal") && f.NoDecryption != "":
		return &station.Fault{Code: f.NoDecryption}
	}
	return &station.Fault{Code: code}
}
