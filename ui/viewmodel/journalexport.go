package viewmodel

import (
	"context"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal/report"
	"espero-soft.com/printroom/vault/journal/review"
)

// Export writes what is selected to a file, once another person agrees where the
// room's policy wants one.
func (j *Journal) Export(f report.Format, path string, words func(key string) string) {
	if j.Exporting || !j.Permitted || j.Consent != nil {
		return
	}
	j.Exported, j.Fault = nil, nil
	wish := review.Export{Filter: j.rowFilter(), Format: f, Path: path, Words: words}
	if AsksSecond(j.policy, wire.ActJournalExport) {
		j.wish, j.Consent = wish, newConsent(j.asks, j.staff, j.who, func() { j.Changed() })
		j.Changed()
		return
	}
	j.Exporting = true
	who := j.who
	j.asks.run(func(ctx context.Context) func() {
		got, err := j.desk.ExportAccesses(ctx, wish)
		return func() {
			if j.who == who {
				j.exported(got, err)
			}
		}
	})
	j.Changed()
}

// exported shows what came of an export.
func (j *Journal) exported(got review.Exported, err error) {
	j.Exporting = false
	if j.Fault = journalFault(err); err == nil {
		j.Exported = &got
	}
	j.settleOwn()
	j.Changed()
}

// Agree writes the file with the second person's PIN. It takes pin over and
// wipes it in any case.
func (j *Journal) Agree(pin []byte) {
	c := j.Consent
	if c == nil || !c.Ready() || len(pin) == 0 {
		clear(pin)
		return
	}
	j.Exporting = true
	var got review.Exported
	approved, wish := false, j.wish
	c.run(pin, func(ctx context.Context, second *station.Second) (err error) {
		if err = j.desk.Approve(ctx, wire.ActJournalExport, "", second); err != nil {
			return err
		}
		approved = true
		got, err = j.desk.ExportAccesses(ctx, wish)
		return err
	}, func(err error) {
		if j.Consent != c {
			return // somebody else is here by now
		}
		if j.Exporting = false; approved { // what follows is no matter of the PIN
			j.Consent = nil
			j.exported(got, err)
		}
	})
}

// LeaveExport gives the export up that another person was asked for; false when
// there is none.
func (j *Journal) LeaveExport() bool {
	if j.Consent == nil {
		return false
	}
	if !j.Consent.Busy {
		j.Consent = nil
		j.Changed()
	}
	return true
}
