package screens

import (
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/language"
	"espero-soft.com/printroom/ui/widgets"
)

func (u *Unlock) redrawTrouble() {
	m := u.model
	fault := m.Fault
	if m.New != nil {
		fault = nil // it says so itself
	}
	u.at.pinNotice(u.fault, fault, m.Tries())
	u.redrawTold()
	if m.Fault != nil && m.Remaining() > 0 {
		what, body := u.at.faultTexts(m.Fault.Code)
		wait := u.at.say("unlock.wait", language.Args{"Wait": u.at.Texts().Wait(m.Remaining())})
		u.fault.Set(faultMood(m.Fault.Code), what, wait+" "+body, "", widgets.NoticeWords{})
	}
	u.at.notice(u.condition, u.trouble())
	show(u.waits, m.Waits)
	if m.Waits {
		u.waits.Set(widgets.Busy("hourglass"), u.at.say("unlock.waits.what"), u.at.say("unlock.waits.do"), "", widgets.NoticeWords{})
	}
}

// redrawTold says what became of what a hand scanner gave.
func (u *Unlock) redrawTold() {
	key := ""
	switch {
	case u.model.Unknown:
		key = "badge.unknown"
	case u.model.NotTyped:
		key = "badge.typed"
	}
	show(u.told, key != "")
	if key != "" {
		u.told.Set(widgets.Warn("scan-barcode"), u.at.say(key+".what"), u.at.say(key+".do"), "", widgets.NoticeWords{})
	}
}

// trouble is what is wrong with the station before anybody unlocks it.
func (u *Unlock) trouble() *station.Fault {
	m := u.model
	code := m.NoDecryption
	switch {
	case code != "":
	case m.Journal == station.LampBad:
		code = station.JournalBroken
	case m.TPM == station.LampBad:
		code = station.TPMMissing
	case m.Central == station.LampBad:
		code = station.CentralDown
	default:
		return nil
	}
	if m.Fault != nil && m.Fault.Code == code {
		return nil // said once is enough
	}
	return &station.Fault{Code: code}
}
