package uitest

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"time"

	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/vault/store"
)

// People are an operator, a supervisor and an admin.
func People() []station.Person {
	return []station.Person{
		{Pseudonym: "p-1", Name: "Anna Peeters", Role: "operator", Language: "nl"},
		{Pseudonym: "p-2", Name: "Luc Dubois", Role: "operator", Language: "fr"},
		{Pseudonym: "p-3", Name: "Greta Lehmann", Role: "supervisor", Language: "de"},
		{Pseudonym: "p-4", Name: "Sam Okafor", Role: "admin", Language: "en"},
	}
}

// Jobs returns n letters of all products whose cut-offs follow now, the same
// ones every time.
func Jobs(n int, now time.Time) []station.Job {
	products := []postal.Product{postal.Registered, postal.Standard, postal.Priority, postal.Standard, postal.International}
	now = now.Truncate(time.Minute)
	jobs := make([]station.Job, n)
	for i := range jobs {
		pages := 1 + i*7%12
		duplex := i%10 != 3
		envelope := "c5"
		if pages < 3 && i%5 == 1 {
			envelope = "c56"
		}
		sheets := pages + 1
		if duplex {
			sheets = (pages+1)/2 + 1
		}
		jobs[i] = station.Job{
			ID: fmt.Sprintf("L-%06d", 204117+i*37), Code: code(i), Product: products[i%len(products)],
			Duplex: duplex, Colour: i%10 == 1, Pages: pages, Sheets: sheets, Envelope: envelope,
			PaidAt: now.Add(-time.Duration(i%900+20) * time.Minute),
			CutOff: now.Add(time.Duration(72+i%5*60+i/400*1440) * time.Minute), State: store.Ready,
		}
		switch i % 7 { // the first three of seven letters were looked at
		case 0:
			jobs[i].Findings = []preflight.Code{}
		case 1:
			jobs[i].Findings = []preflight.Code{preflight.Margin, preflight.GreyLost}
		case 2:
			jobs[i].Findings = []preflight.Code{preflight.Form}
		}
	}
	return jobs
}

// code is the same for the same letter, and well formed.
func code(i int) postal.AttemptCode {
	c, err := postal.NewAttemptCode(rand.NewChaCha8([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}))
	if err != nil {
		panic(err) // ChaCha8 never ends
	}
	return c
}

// Mixed changes some of jobs to the other states, held and uncertain ones
// with their reasons.
func Mixed(jobs []station.Job) []station.Job {
	states := map[int]store.State{1: store.DeviceDone, 3: store.Sent, 4: store.Held, 7: store.Uncertain, 9: store.Confirmed,
		12: store.Held, 15: store.Enveloped, 18: store.Sending}
	holds := map[int]station.FaultCode{4: station.DocumentEncrypted, 7: station.MaybeOnPaper, 12: station.PageCount}
	for i, state := range states {
		if i < len(jobs) {
			jobs[i].State, jobs[i].Hold = state, holds[i]
			if holds[i] == station.PageCount {
				jobs[i].Findings = []preflight.Code{preflight.PageCount}
			}
			if state.OnPaper() {
				jobs[i].Attempt = "7QK2M9T4XW1RZ"
			}
		}
	}
	return jobs
}

// drawPage draws something like a letter: grey lines for its text.
func drawPage(job station.Job, page int) station.PreviewPage {
	const width, height = 620, 877
	m := image.NewGray(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	block := func(x, y, w, h int, tone uint8) {
		for j := y; j < y+h && j < height-50; j++ {
			for i := x; i < x+w && i < width-50; i++ {
				m.SetGray(i, j, color.Gray{Y: tone})
			}
		}
	}
	if page == 0 {
		for i := range 4 {
			block(300, 262+i*24, 200-i*30, 10, 0x40)
		}
		block(60, 60, 64, 64, 0x20)
	} else {
		block(70, 80, 220, 14, 0x30)
		for i := range 26 {
			block(70, 130+i*24, 300+(i*97+page*53)%180, 7, 0x70)
		}
	}
	return station.PreviewPage{Index: page, Pages: job.Pages + 1, Image: m}
}
