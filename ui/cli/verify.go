package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/vault/journal"
)

// Journal is the station's own journal, opened to be read.
type Journal interface {
	Verify(ctx context.Context) (journal.Verification, error)
	Status() journal.Status
	Start() journal.Start
	Shards(ctx context.Context) ([]journal.Shard, error)
	Close() error
}

// verified is what journal verify --json writes.
type verified struct {
	OK          bool       `json:"ok"`
	Entries     int64      `json:"entries"`     // read, up to the first fault
	Checkpoints int64      `json:"checkpoints"` // signed and countersigned ones, each checked
	Sealed      int64      `json:"sealed"`      // entries under the last countersignature
	Unsealed    int64      `json:"unsealed"`    // entries after it
	SealedAt    *time.Time `json:"sealed_at"`
	Entry       int64      `json:"entry,omitempty"` // the one at fault, where one is
	Fault       string     `json:"fault,omitempty"`
}

func (p *Program) verifyJournal(config *string) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Read the station's own journal whole: entries, chain, tree, every checkpoint",
		Long: `Reads every entry and checks the chain, the tree and every stored checkpoint
against the station's and central's keys. It needs neither the TPM nor a PIN, and
may run beside the window. Entries after the last countersignature are told
apart: they are not sealed yet. Whoever does not trust this program checks an
export with printroom-verify. Exit code 1 when the journal is broken.

With --json: {"ok","entries","checkpoints","sealed","unsealed","sealed_at",
"entry","fault"}; entry and fault only when it is broken.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			j, err := p.Journal(cmd.Context(), *config)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, j.Close()) }()
			v, err := verifyJournal(cmd.Context(), j)
			if err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(cmd.OutOrStdout(), v)
			} else {
				err = v.print(cmd.OutOrStdout())
			}
			if err == nil && !v.OK {
				err = errTold
			}
			return err
		},
	}
	jsonFlag(cmd, &asJSON)
	return cmd
}

// verifyJournal is an error only where the journal could not be read to the end.
func verifyJournal(ctx context.Context, j Journal) (verified, error) {
	read, err := j.Verify(ctx)
	status := j.Status()
	v := verified{OK: err == nil, Entries: read.Entries, Checkpoints: read.Checkpoints, Sealed: status.Sealed}
	v.Unsealed = max(0, read.Entries-status.Sealed)
	if !status.SealedAt.IsZero() {
		at := status.SealedAt.UTC()
		v.SealedAt = &at
	}
	if err == nil {
		return v, nil
	}
	var broken *journal.BrokenError
	if !errors.As(err, &broken) {
		return v, err
	}
	v.Entry, v.Fault = broken.Sequence, err.Error()
	return v, nil
}

func (v verified) print(w io.Writer) error {
	sealed := "never countersigned"
	if v.SealedAt != nil {
		sealed = "countersigned up to entry " + fmt.Sprint(v.Sealed) + " at " + v.SealedAt.Format(time.RFC3339)
	}
	word := "OK "
	if !v.OK {
		word = "BROKEN "
	}
	_, err := fmt.Fprintf(w, "%s %d entries, %d checkpoints, %s, %d not sealed yet\n", word, v.Entries, v.Checkpoints, sealed, v.Unsealed)
	if err == nil && !v.OK {
		_, err = fmt.Fprintln(w, v.Fault)
	}
	return err
}
