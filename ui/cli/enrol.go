package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

func (p *Program) enrol(config *string) *cobra.Command {
	var tokenFile string
	var pinFD int
	cmd := &cobra.Command{
		Use:   "enrol",
		Short: "Make this workstation a station, with a one-time token from central",
		Long: `Makes the three keys in this workstation's TPM, proves to central that they
are in it, and keeps the identity that central gives in the data folder.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			token, err := readToken(tokenFile)
			if err != nil {
				return err
			}
			pin, err := p.readPIN(cmd.Context(), pinFD, "PIN for this station: ")
			if err != nil {
				return err
			}
			defer pin.Destroy()
			name, err := p.Enrol(cmd.Context(), *config, token, pin)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "This workstation is station %s now.\n", name)
			return err
		},
	}
	cmd.Flags().StringVar(&tokenFile, "token-file", "", "file that holds the one-time token")
	cmd.Flags().IntVar(&pinFD, "pin-fd", -1, "file descriptor to read the PIN from (default: ask at the terminal)")
	return cmd
}

func readToken(path string) (string, error) {
	if path == "" {
		return "", errors.New("the one-time token is missing: give the file that holds it with --token-file")
	}
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" || len(text) > maxToken {
		return "", fmt.Errorf("%s holds no token", path)
	}
	return token, nil
}

const maxToken = 1024 // bytes
