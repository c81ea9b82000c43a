package cli

import (
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/vault/journal"
)

// monthReport is one month of journal months --json.
type monthReport struct {
	Month    string    `json:"month"`     // 2026-10
	First    int64     `json:"first"`     // its entries
	Last     int64     `json:"last"`      //
	SealedAt time.Time `json:"sealed_at"` // when central countersigned the last of them
}

// monthsReport is what journal months --json writes.
type monthsReport struct {
	Forgotten int64         `json:"forgotten"` // entries before the first month, which are no longer here
	Months    []monthReport `json:"months"`
	Unsealed  int64         `json:"unsealed"` // entries after the last month
}

func (p *Program) journalMonths(config *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "months",
		Short: "Say which months of the journal are here",
		Long: `A month is what central countersigned in it, by central's clock. Twelve months
after its end it is forgotten. The command needs neither the TPM nor a PIN, and
may run beside the window.

With --json: {"forgotten","months":[{"month","first","last","sealed_at"}],
"unsealed"}.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			j, err := p.Journal(cmd.Context(), *config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, j.Close()) }()
			months, err := j.Shards(cmd.Context())
			if err != nil {
				return err
			}
			r := reportMonths(months, j.Status(), j.Start())
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), r)
			}
			return r.print(cmd.OutOrStdout())
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func reportMonths(months []journal.Shard, s journal.Status, start journal.Start) monthsReport {
	r := monthsReport{Forgotten: start.Size, Months: []monthReport{}, Unsealed: s.Entries - max(s.Sealed, start.Size)}
	for _, m := range months {
		r.Months = append(r.Months, monthReport{
			Month: m.Month.Format(monthForm), First: m.First, Last: m.Last, SealedAt: m.SealedAt.UTC(),
		})
	}
	return r
}

func (r monthsReport) print(w io.Writer) error {
	if r.Forgotten > 0 {
		if err := say(w, "entries 1 to %d were forgotten\n", r.Forgotten); err != nil {
			return err
		}
	}
	for _, m := range r.Months {
		if err := say(w, "%s  entries %d to %d, countersigned %s\n", m.Month, m.First, m.Last, m.SealedAt.Format(time.RFC3339)); err != nil {
			return err
		}
	}
	return say(w, "%d entries are not countersigned yet\n", r.Unsealed)
}
