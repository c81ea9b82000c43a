package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/ui/files"
	"espero-soft.com/printroom/vault/journal"
)

func (p *Program) journal(config *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "journal", Short: "The access journal", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }, // else cobra takes any word that follows
	}
	cmd.AddCommand(p.verifyJournal(config), p.exportJournal(config))
	return cmd
}

func (p *Program) exportJournal(config *string) *cobra.Command {
	var two pair
	cmd := &cobra.Command{
		Use:   "export DIRECTORY",
		Short: "Write the journal and the keys to check it with: journal.jsonl, journal.vkey",
		Long: `Writes the journal up to its last countersignature and the keys to check it
with. Where the room's policy wants two people for it, --person says who exports
and --second who agrees, each with their own PIN.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			room, err := p.Open(cmd.Context(), *config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, room.Close()) }()
			if err := p.agree(cmd.Context(), room, wire.ActJournalExport, two); err != nil {
				return err
			}
			unsealed, err := exportJournal(cmd, room, args[0])
			if err == nil && unsealed > 0 {
				_, err = fmt.Fprintf(cmd.ErrOrStderr(), "%d entries at the end are not countersigned yet and were left out.\n", unsealed)
			}
			return err
		},
	}
	two.flags(cmd)
	return cmd
}

func exportJournal(cmd *cobra.Command, room Room, dir string) (unsealed int64, err error) {
	err = create(filepath.Join(dir, "journal.jsonl"), func(entries io.Writer) error {
		return create(filepath.Join(dir, "journal.vkey"), func(keys io.Writer) error {
			unsealed, err = room.ExportJournal(cmd.Context(), entries, keys, journal.Span{})
			return err
		})
	})
	return unsealed, err
}

// create writes a file that only its owner reads, whole or not at all.
func create(path string, write func(io.Writer) error) error {
	if err := files.Replace(path, write); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
