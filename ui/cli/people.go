package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/station"
)

// personReport is one person of people --json.
type personReport struct {
	Person   string            `json:"person"` // pseudonym
	Name     string            `json:"name"`
	Role     string            `json:"role"`
	Language string            `json:"language"`
	PIN      station.PINStatus `json:"pin"`   // unset, set, blocked
	Tries    *int              `json:"tries"` // wrong PINs until it is blocked; null where nobody knows
}

func (p *Program) people(config *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "people",
		Short: "Say who may unlock this station, and how their PINs are",
		Long: `Lists the people as central last signed them, with the state of each one's PIN
in this station's TPM. It needs no PIN, and no window may be running.

With --json: {"people":[{"person","name","role","language","pin","tries"}]}; pin
is unset, set or blocked, tries null where nobody knows.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.inRoom(cmd.Context(), *config, func(ctx context.Context, room Room) error {
				people, err := room.People(ctx)
				if err != nil {
					return err
				}
				list := reportPeople(people)
				if asJSON {
					return writeJSON(cmd.OutOrStdout(), map[string]any{"people": list})
				}
				return printPeople(cmd.OutOrStdout(), list)
			})
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

func reportPeople(people []station.Person) []personReport {
	list := make([]personReport, 0, len(people))
	for _, p := range people {
		r := personReport{Person: p.Pseudonym, Name: p.Name, Role: p.Role, Language: p.Language, PIN: p.PIN}
		if p.Tries >= 0 {
			tries := p.Tries
			r.Tries = &tries
		}
		list = append(list, r)
	}
	return list
}

func printPeople(w io.Writer, list []personReport) error {
	for _, p := range list {
		tries := "-"
		if p.Tries != nil {
			tries = fmt.Sprint(*p.Tries)
		}
		if err := say(w, "%-12s  %-10s  %-7s  %2s  %s\n", p.Person, p.Role, p.PIN, tries, p.Name); err != nil {
			return err
		}
	}
	return nil
}
