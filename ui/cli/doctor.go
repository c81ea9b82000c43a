package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/ui/cli/doctor"
)

const doctorPatience = 10 * time.Second

// doctorReport is what doctor --json writes.
type doctorReport struct {
	OK     bool          `json:"ok"` // nothing is bad
	Checks []doctorCheck `json:"checks"`
}

type doctorCheck struct {
	Check  doctor.Name  `json:"check"`
	Level  doctor.Level `json:"level"`  // ok, warn, bad
	Detail string       `json:"detail"` // what was found, in English
	Fault  string       `json:"fault"`  // the program's code of the condition, or ""
	Text   string       `json:"text"`
	Advice string       `json:"advice"` // "" where all is well
}

func (p *Program) doctor(config *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything a station needs, and say what is wrong and what to do",
		Long: `Looks at the settings, the data folder, the TPM, the enrolment, central, the
clock, the printer, the journal, the renderer's sandbox and the system, a line
each: ok, warn or bad. It changes nothing and needs no PIN. Exit code 1 when
something is bad.

With --json: {"ok","checks":[{"check","level","detail","fault","text","advice"}]}.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks, err := p.examine(cmd.Context(), *config)
			if err != nil {
				return err
			}
			report := doctorReport{OK: doctor.Worst(checks) != doctor.Bad, Checks: p.worded(checks)}
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), report)
			} else {
				err = report.print(cmd.OutOrStdout())
			}
			if err == nil && !report.OK {
				err = errTold
			}
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func (p *Program) examine(ctx context.Context, config string) (_ []doctor.Check, err error) {
	renderer, err := p.Renderer()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, renderer.Close()) }()
	return doctor.Run(ctx, doctor.Config{
		Settings: func() (settings.Settings, error) { return settings.LoadNamed(config) },
		Journal:  func(ctx context.Context) (doctor.Reader, error) { return p.Journal(ctx, config) },
		Renderer: renderer, Patience: doctorPatience, Now: time.Now,
	}), nil
}

// worded gives each check its words: of the condition where it is one that the
// program knows, else the check's own.
func (p *Program) worded(checks []doctor.Check) []doctorCheck {
	all := []doctorCheck{}
	for _, c := range checks {
		w := doctorCheck{Check: c.Name, Level: c.Level, Detail: c.Detail, Fault: string(c.Fault), Text: p.Texts.Say("doctor." + string(c.Name) + ".name")}
		switch {
		case c.Level == doctor.OK:
		case c.Fault != "":
			key := "fault." + w.Fault
			w.Advice = p.Texts.Say(key+".what") + ". " + p.Texts.Say(key+".do")
		default:
			w.Advice = p.Texts.Say("doctor." + string(c.Name) + ".advice")
		}
		all = append(all, w)
	}
	return all
}

func (r doctorReport) print(w io.Writer) error {
	for _, c := range r.Checks {
		line := fmt.Sprintf("%-4s  %s: %s", c.Level, c.Text, strings.ReplaceAll(c.Detail, "\n", "; "))
		if c.Advice != "" {
			line += " — " + c.Advice
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}
