package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/enrolment"
	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/instance"
	"espero-soft.com/printroom/vault/store"
)

// Running is what a running program tells of its station to whoever asks
// without a PIN. It holds nothing personal.
type Running struct {
	Unlocked     bool              `json:"unlocked"`
	Lamps        map[string]string `json:"lamps"` // central, tpm, journal, printer: off, ok, busy, bad
	NoDecryption string            `json:"no_decryption"`
	Fault        string            `json:"fault"`
	Waiting      int               `json:"waiting"` // letters at central, -1 when it did not say
	SealedAt     *time.Time        `json:"sealed_at"`
	Batch        *runningBatch     `json:"batch"`
}

type runningBatch struct {
	Total   int    `json:"total"`
	Done    int    `json:"done"`
	Stopped string `json:"stopped"`
}

// Live is what a station's snapshot shows without a PIN.
func Live(s station.Snapshot) Running {
	r := Running{
		Unlocked: s.Person != nil, NoDecryption: string(s.NoDecryption), Waiting: s.Waiting,
		Lamps: map[string]string{"central": string(s.Central), "tpm": string(s.TPM), "journal": string(s.Journal), "printer": string(s.Printer)},
	}
	if s.LastFault != nil {
		r.Fault = string(s.LastFault.Code)
	}
	if !s.SealedAt.IsZero() {
		at := s.SealedAt.UTC()
		r.SealedAt = &at
	}
	if s.Batch != nil {
		r.Batch = &runningBatch{Total: s.Batch.Total, Done: s.Batch.Done, Stopped: string(s.Batch.Stopped)}
	}
	return r
}

// statusReport is what status --json writes.
type statusReport struct {
	Station string         `json:"station"`
	DataDir string         `json:"data_dir"`
	Running *Running       `json:"running"` // null when no program runs
	Jobs    map[string]int `json:"jobs"`    // letters by state
	Outbox  int            `json:"outbox"`  // messages that central has not acknowledged
}

func (p *Program) status(config *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say how the station is, without a PIN and beside a running window",
		Long: `Reads the station's store and asks the running program, if there is one. It
changes nothing and needs no PIN.

With --json: {"station","data_dir","running","jobs":{STATE:COUNT},"outbox"},
where running is null or
{"unlocked","lamps":{"central","tpm","journal","printer"},"no_decryption",
"fault","waiting","sealed_at","batch":null or {"total","done","stopped"}}.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := look(cmd.Context(), *config)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), report)
			}
			return report.print(cmd.OutOrStdout(), p)
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func look(ctx context.Context, config string) (statusReport, error) {
	s, err := settings.LoadNamed(config)
	if err != nil {
		return statusReport{}, err
	}
	id, err := enrolment.Load(s.DataDir)
	if err != nil {
		return statusReport{}, err
	}
	report := statusReport{Station: id.Station, DataDir: s.DataDir}
	var running Running
	switch err := instance.Status(ctx, s.DataDir, &running); {
	case err == nil:
		report.Running = &running
	case !errors.Is(err, instance.ErrNobody):
		return report, err
	}
	seen, err := store.Peek(ctx, s.DataDir)
	if err != nil {
		return report, station.Explain(err)
	}
	report.Outbox, report.Jobs = seen.Outbox, map[string]int{}
	for state, n := range seen.Jobs {
		report.Jobs[string(state)] = n
	}
	return report, nil
}

// print writes a line for each thing; words that a program may look for are
// those of the JSON form.
func (r statusReport) print(w io.Writer, p *Program) error {
	var lines []string
	line := func(key, value string) {
		lines = append(lines, fmt.Sprintf("%-14s %s\n", p.Texts.Say("cli.status."+key), value))
	}
	line("station", r.Station)
	if r.Running == nil {
		line("program", p.Texts.Say("cli.status.stopped"))
	} else {
		line("program", p.Texts.Say("cli.status.running."+map[bool]string{true: "unlocked", false: "locked"}[r.Running.Unlocked]))
		for _, part := range []string{"central", "tpm", "journal", "printer"} {
			line(part, r.Running.Lamps[part])
		}
		if r.Running.SealedAt != nil {
			line("sealed", r.Running.SealedAt.Format(time.RFC3339))
		}
		if b := r.Running.Batch; b != nil {
			line("batch", fmt.Sprintf("%d / %d", b.Done, b.Total))
		}
	}
	for _, state := range slices.Sorted(maps.Keys(r.Jobs)) {
		lines = append(lines, fmt.Sprintf("%-14s %d\n", state, r.Jobs[state]))
	}
	line("outbox", fmt.Sprint(r.Outbox))
	for _, l := range lines {
		if _, err := io.WriteString(w, l); err != nil {
			return err
		}
	}
	return nil
}
