package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/vault/tpm"
)

func (p *Program) enrol(config *string) *cobra.Command {
	var tokenFile string
	var again bool
	cmd := &cobra.Command{
		Use:   "enrol",
		Short: "Make this workstation a station, with a one-time token from central",
		Long: `Makes the three keys in this workstation's TPM, proves to central that they
are in it, and keeps the identity that central gives in the data folder. People
set their PINs afterwards: printroom pin set.

With --again a station is enrolled anew whose TPM was cleared or replaced, or
whose certificate has ended. Its earlier journal stays beside the new one, which
begins where that one ended; letters that it had claimed stay with central.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := readOnce(tokenFile, "token")
			if err != nil {
				return err
			}
			name, err := p.Enrol(cmd.Context(), *config, token, again)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "This workstation is station %s now.\n", name)
			return err
		},
	}
	cmd.Flags().StringVar(&tokenFile, "token-file", "", "file that holds the one-time token")
	cmd.Flags().BoolVar(&again, "again", false, "enrol a station anew whose TPM was cleared or replaced")
	return cmd
}

func (p *Program) provision(config *string) *cobra.Command {
	slots := tpm.MaxSlots
	cmd := &cobra.Command{
		Use:   "provision",
		Short: "Define in the TPM what people at work may not: places for PINs, counters",
		Long: `Defines the NV indexes that a station needs: a place for each person's PIN and
the counters. An installer does it with the system's rights, where ordinary users
may not (Windows); without it the station defines them itself at its first need.
What is there already stays as it is, PINs too. It asks central for the key that
the places belong to.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if slots < 0 || slots > tpm.MaxSlots {
				return fmt.Errorf("--slots is %d: from 0 to %d", slots, tpm.MaxSlots)
			}
			if err := p.Provision(cmd.Context(), *config, slots); err != nil {
				return err
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "The TPM has a place for %d PINs, and the counters.\n", slots)
			return err
		},
	}
	cmd.Flags().IntVar(&slots, "slots", slots, "places for PINs: how many people may work here")
	return cmd
}

// readOnce reads a secret of one use from a file: such a thing is no argument,
// which other processes see.
func readOnce(path, what string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("the one-time %s is missing: give the file that holds it with --%s-file", what, what)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxOnce+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	secret := strings.TrimSpace(string(text))
	if secret == "" || len(text) > maxOnce {
		return "", fmt.Errorf("%s holds no %s", path, what)
	}
	return secret, nil
}

const maxOnce = 1024 // bytes
