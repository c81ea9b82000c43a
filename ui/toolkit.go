package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"espero-soft.com/printroom/assets"
)

// translateToolkit gives the toolkit's own words (Cut, Copy, Quit …) in the
// language of the moment. The toolkit only knows the desktop's language, so
// they are registered as that one's.
func (d *desk) translateToolkit() {
	data, err := assets.Translations.ReadFile("translations/toolkit/toolkit." + d.tongue.Tag + ".json")
	if err == nil {
		err = lang.AddTranslationsForLocale(data, lang.SystemLocale())
	}
	if err != nil {
		fyne.LogError("translating the toolkit's words", err)
	}
}
