package uitest

import (
	"strings"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/sync/station"
)

// Find returns the letter of a sheet's code or of an attempt's code.
func (s *Station) Find(text string) (station.Job, bool) {
	code, err := postal.ParseAttemptCode(text)
	if sheet, err2 := postal.ParseSheetCode(strings.TrimSpace(text)); err2 == nil {
		code, err = sheet.Attempt, nil
	}
	if err != nil {
		return station.Job{}, false
	}
	for _, j := range s.Snapshot().Jobs {
		if j.Code == code || j.Attempt == code {
			return j, true
		}
	}
	return station.Job{}, false
}
