// Command gallery opens the real window on a station made of memory, in a
// state of choice, so that the screens can be looked at and driven by hand.
// It is no part of the product.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui"
	"espero-soft.com/printroom/ui/theme"
	"espero-soft.com/printroom/ui/viewmodel/uitest"
)

func main() {
	state := flag.String("state", "mixed", "mixed, empty, central, journal, tpm, printer, stopped, nobody, failed, press, pressing, jammed, dropoff, pins, strict, unsealed, year")
	language := flag.String("language", "en", "fr, nl, de or en")
	dark := flag.Bool("dark", false, "dark colours")
	text := flag.Int("text", 100, "text size in percent")
	letters := flag.Int("letters", 60, "how many letters there are")
	open := flag.Bool("open", false, "start unlocked")
	role := flag.String("role", "operator", "of who is there when it starts unlocked")
	idle := flag.Duration("idle", 0, "lock after so long")
	delay := flag.Duration("delay", 300*time.Millisecond, "of every slow answer")
	flag.Parse()
	s := prepare(*state, *language, *letters, *open, *role)
	s.Delay = *delay
	look := theme.Look{Brightness: theme.Light, TextSize: *text}
	if *dark {
		look.Brightness = theme.Dark
	}
	if *state == "failed" {
		cause := errors.New("open unix:/run/printroom/tpm: connect: no such file or directory")
		if err := ui.Fail(context.Background(), ui.Config{Language: *language, Look: look}, &station.Fault{Code: station.TPMMissing, Err: cause}); err != nil {
			fmt.Fprintln(os.Stderr, "gallery:", err)
		}
		return
	}
	err := ui.Run(context.Background(), ui.Config{Station: s, Language: *language, Look: look, Idle: *idle})
	if err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func prepare(state, language string, letters int, open bool, role string) *uitest.Station {
	now := time.Now()
	people := uitest.People()
	if state == "nobody" {
		people = nil
	}
	if state == "empty" {
		letters = 0
	}
	s := uitest.NewStation(people, uitest.Mixed(uitest.Jobs(letters, now)))
	s.Arrives = func(n int) []station.Job {
		jobs := uitest.Jobs(25*n, now)[25*(n-1):]
		for i := range jobs {
			jobs[i].ID = fmt.Sprintf("L-9%05d", n*1000+i)
		}
		return jobs
	}
	press(s, state, now)
	dropOff(s, state, now)
	furnish(s, state, now)
	demand(s, state)
	chronicle(s, state, now)
	s.Change(func(c *station.Snapshot) {
		c.SealedAt = now.Add(-4 * time.Minute)
		worsen(c, state)
		if open {
			c.Person = &station.Person{Pseudonym: "p-9", Name: "Anna Peeters", Role: role, Language: language}
			for _, p := range people {
				if p.Role == role {
					c.Person.Pseudonym, c.Person.Name = p.Pseudonym, p.Name
				}
			}
		}
	})
	return s
}

func worsen(c *station.Snapshot, state string) {
	switch state {
	case "central":
		c.Central = station.LampBad
		c.LastFault = &station.Fault{Code: station.CentralDown, Err: errors.New("dial tcp 192.0.2.7:443: connection refused")}
	case "journal":
		c.Journal, c.NoDecryption = station.LampBad, station.JournalBroken
	case "tpm":
		c.TPM, c.NoDecryption = station.LampBad, station.TPMMissing
	case "printer":
		c.Printer = station.LampBad
	case "stopped":
		c.Printer = station.LampBad
		c.Batch = &station.Batch{Total: 25, Done: 7, Stopped: station.PrinterOff}
	}
}
