package doctor

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/vault/tpm"
)

// certificateWarn is how long before its end a certificate is news.
const certificateWarn = 30 * 24 * time.Hour

// tpm looks at the chip, and at the station's keys in it.
func (e *exam) tpm() {
	endpoint := e.settings.TPM.Endpoint
	device, err := tpm.Open(endpoint, tpm.WithTimeout(e.Patience))
	switch {
	case err != nil:
		e.bad(TPM, err)
	case endpoint != "":
		e.say(TPM, Warn, "not the system's own: "+endpoint)
	default:
		e.say(TPM, OK, "the system's own")
	}
	if err == nil {
		e.pins(device)
		_ = device.Close() // nothing was kept in it
	}
	e.holder, err = enrolment.Hold(e.settings.DataDir)
	if err != nil {
		e.fail(Enrolment, Bad, err)
		e.holder = nil
		return
	}
	e.identity = e.holder.Identity()
	e.say(Enrolment, OK, e.identity.Station)
	e.chip, err = tpm.OpenChip(endpoint, e.identity.Keys)
	if err == nil {
		err = e.chip.Fault()
	}
	e.judge(Keys, err, Bad, "of this TPM")
}

// pins asks how this chip counts wrong PINs.
func (e *exam) pins(device *tpm.Device) {
	switch kind, err := device.PINKind(); {
	case err != nil:
		e.bad(PINs, err)
	case kind == tpm.KindPINFail:
		e.say(PINs, OK, fmt.Sprintf("%s: %d wrong ones in a row block that person's PIN and no other", kind, tpm.PINLimit))
	default:
		e.say(PINs, Warn, fmt.Sprintf("%s: wrong PINs of anybody lock the chip for everybody, for a while", kind))
	}
}

// certificates looks at the station's and at the room authority's.
func (e *exam) certificates() {
	if e.holder != nil {
		own, err := x509.ParseCertificate(e.identity.Certificates[0])
		if err != nil {
			e.bad(Certificate, err)
		} else {
			e.validity(Certificate, own)
		}
	}
	authority, err := settings.ReadAuthority(e.settings.Central.Authority)
	switch {
	case err != nil:
		e.bad(Authority, err)
	case e.holder != nil && !slices.ContainsFunc(e.holder.Authorities(), authority.Equal):
		e.say(Authority, Warn, e.settings.Central.Authority+" is none of the authorities that this station trusts by now")
	default:
		e.validity(Authority, authority)
	}
}

func (e *exam) validity(n Name, c *x509.Certificate) {
	now, until := e.Now(), "valid until "+c.NotAfter.UTC().Format(time.RFC3339)
	switch {
	case now.Before(c.NotBefore):
		e.say(n, Bad, "valid only from "+c.NotBefore.UTC().Format(time.RFC3339))
	case now.After(c.NotAfter):
		e.say(n, Bad, "was "+until)
	case c.NotAfter.Sub(now) < certificateWarn:
		e.say(n, Warn, until)
	default:
		e.say(n, OK, until)
	}
}
