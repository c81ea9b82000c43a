package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/vault/memory"
)

func (p *Program) pin(config *string) *cobra.Command {
	cmd := &cobra.Command{
		Use: "pin", Short: "A person's PIN at this station", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }, // else cobra takes any word that follows
	}
	cmd.AddCommand(p.setPIN(config), p.changePIN(config))
	return cmd
}

func (p *Program) setPIN(config *string) *cobra.Command {
	var person, codeFile string
	var pinFD int
	cmd := &cobra.Command{
		Use:   "set",
		Short: "Set a PIN with a code from central: the first one, or after a forgotten or blocked one",
		Long: `Sets a person's PIN in this station's TPM. The code is one that an admin got
from central for this person; it works once, within 12 hours. Central has to be
there. The PIN is typed twice at the terminal, or read once from a descriptor.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			code, err := readOnce(codeFile, "code")
			if err != nil {
				return err
			}
			if person == "" {
				return errWho
			}
			pin, err := p.newPIN(cmd.Context(), pinFD)
			if err != nil {
				return err
			}
			defer pin.Destroy()
			return p.inRoom(cmd.Context(), *config, func(ctx context.Context, room Room) error {
				if err := room.SetPIN(ctx, person, code, pin.Bytes()); err != nil {
					return err
				}
				return say(cmd.OutOrStdout(), "The PIN of %s is set.\n", person)
			})
		},
	}
	cmd.Flags().StringVar(&person, "person", "", "pseudonym of the person")
	cmd.Flags().StringVar(&codeFile, "code-file", "", "file that holds the one-time code from central")
	cmd.Flags().IntVar(&pinFD, "pin-fd", -1, "file descriptor to read the new PIN from (default: ask at the terminal)")
	return cmd
}

func (p *Program) changePIN(config *string) *cobra.Command {
	var person string
	var oldFD, newFD int
	cmd := &cobra.Command{
		Use:   "change",
		Short: "Change a PIN by whoever knows it; central need not be there",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if person == "" {
				return errWho
			}
			if oldFD >= 0 && oldFD == newFD {
				return errOneDescriptor
			}
			old, err := p.readPIN(cmd.Context(), oldFD, "PIN: ")
			if err != nil {
				return err
			}
			defer old.Destroy()
			fresh, err := p.newPIN(cmd.Context(), newFD)
			if err != nil {
				return err
			}
			defer fresh.Destroy()
			return p.inRoom(cmd.Context(), *config, func(ctx context.Context, room Room) error {
				if err := room.Unlock(ctx, person, old.Bytes()); err != nil {
					return err
				}
				if err := room.ChangePIN(ctx, old.Bytes(), fresh.Bytes()); err != nil {
					return err
				}
				return say(cmd.OutOrStdout(), "The PIN of %s is changed.\n", person)
			})
		},
	}
	cmd.Flags().StringVar(&person, "person", "", "pseudonym of the person")
	cmd.Flags().IntVar(&oldFD, "pin-fd", -1, "file descriptor to read the PIN of now from (default: ask at the terminal)")
	cmd.Flags().IntVar(&newFD, "new-pin-fd", -1, "file descriptor to read the new PIN from (default: ask at the terminal)")
	return cmd
}

var (
	errWho           = errors.New("say whose PIN: --person PSEUDONYM (printroom people lists them)")
	errOneDescriptor = errors.New("--pin-fd is read once and closed: --new-pin-fd needs another file descriptor")
	errUnequal       = errors.New("the two PINs are not the same")
)

// newPIN reads a new PIN: from a descriptor, or twice from the terminal, where
// nobody sees what they type.
func (p *Program) newPIN(ctx context.Context, fd int) (*memory.Buffer, error) {
	pin, err := p.readPIN(ctx, fd, "New PIN: ")
	if err != nil || fd >= 0 {
		return pin, err
	}
	again, err := p.readPIN(ctx, fd, "New PIN once more: ")
	if err != nil {
		pin.Destroy()
		return nil, err
	}
	defer again.Destroy()
	if !bytes.Equal(pin.Bytes(), again.Bytes()) {
		pin.Destroy()
		return nil, errUnequal
	}
	return pin, nil
}

// inRoom opens the room, does something in it and closes it.
func (p *Program) inRoom(ctx context.Context, config string, do func(context.Context, Room) error) (err error) {
	room, err := p.Open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, room.Close()) }()
	return do(ctx, room)
}

func say(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return err
}
