package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/ui/files"
)

func (p *Program) journal(config *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "journal", Short: "The access journal", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }, // else cobra takes any word that follows
	}
	cmd.AddCommand(p.verifyJournal(config), p.exportJournal(config), p.journalMonths(config))
	return cmd
}

// create writes a file that only its owner reads, whole or not at all.
func create(path string, write func(io.Writer) error) error {
	if err := files.Replace(path, write); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
