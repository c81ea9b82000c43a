package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
)

const longExport = `Writes the journal up to its last countersignature, and the keys to check it
with, for whoever runs printroom-verify: journal.jsonl and journal.vkey. Files of
these names are never replaced: an older export may hold months that the station
has forgotten.

With --month it is what central countersigned in that month, in files that bear
it: journal-2026-10.jsonl. With --unsealed the entries that central has not
countersigned yet follow. With --all the journals of the station's earlier
enrolments are written too, as 1-journal.jsonl, 2-journal.jsonl and so on, each
with its keys; the station's own is the last one.

Each export is in the journal itself. --person says who takes it out, with their
own PIN, a supervisor or an admin; without it the entry is the station's own. Where the room's policy wants
two people for it, --second says who agrees, with theirs.`

// exporting is what is to be exported, and where to.
type exporting struct {
	dir, month    string
	unsealed, all bool
}

func (p *Program) exportJournal(config *string) *cobra.Command {
	var two pair
	var e exporting
	cmd := &cobra.Command{
		Use:   "export DIRECTORY",
		Short: "Write the journal and the keys to check it with",
		Long:  longExport,
		Args: func(cmd *cobra.Command, args []string) error {
			_, err := monthOf(e.month)
			if e.all && e.month != "" {
				err = errors.New("--month and --all: say one of them")
			}
			return errors.Join(cobra.ExactArgs(1)(cmd, args), err)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			e.dir = args[0]
			return p.inRoom(cmd.Context(), *config, func(ctx context.Context, room Room) error {
				span, err := e.span(ctx, room)
				if err != nil {
					return err
				}
				if err := p.agree(ctx, room, wire.ActJournalExport, two); err != nil {
					return err
				}
				if e.all {
					return e.everything(ctx, cmd.ErrOrStderr(), room)
				}
				return e.one(ctx, cmd.ErrOrStderr(), room, span)
			})
		},
	}
	cmd.Flags().StringVar(&e.month, "month", "", "write what central countersigned in this month alone, as 2026-10")
	cmd.Flags().BoolVar(&e.unsealed, "unsealed", false, "write the entries too that central has not countersigned yet")
	cmd.Flags().BoolVar(&e.all, "all", false, "write the journals of earlier enrolments too")
	two.flags(cmd)
	return cmd
}

const monthForm = "2006-01"

// monthOf reads a month, zero for "".
func monthOf(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	m, err := time.Parse(monthForm, text)
	if err != nil {
		return m, fmt.Errorf("--month %q: write a month as 2026-10", text)
	}
	return m, nil
}

// span looks up the month, before anybody is asked for a PIN.
func (e exporting) span(ctx context.Context, room Room) (journal.Span, error) {
	span := journal.Span{Unsealed: e.unsealed}
	if e.month == "" {
		return span, nil
	}
	month, err := monthOf(e.month)
	if err != nil {
		return span, err
	}
	all, err := room.Months(ctx)
	if err != nil {
		return span, err
	}
	i := slices.IndexFunc(all, func(s journal.Shard) bool { return s.Month.Equal(month) })
	switch {
	case i < 0 && len(all) == 0:
		return span, errors.New("no month can be written: central has countersigned nothing yet")
	case i < 0:
		return span, fmt.Errorf("the journal holds nothing that central countersigned in %s; it holds %s", e.month, named(all))
	case e.unsealed && i < len(all)-1:
		return span, fmt.Errorf("--unsealed goes with the last month, which is %s", all[len(all)-1].Month.Format(monthForm))
	}
	span.Shard = &all[i]
	return span, nil
}

func named(months []journal.Shard) string {
	names := make([]string, len(months))
	for i, m := range months {
		names[i] = m.Month.Format(monthForm)
	}
	return strings.Join(names, ", ")
}

// one writes the station's own journal, or a month of it.
func (e exporting) one(ctx context.Context, told io.Writer, room Room, span journal.Span) error {
	name := "journal"
	if span.Shard != nil {
		name += "-" + e.month
	}
	unsealed, err := e.write(name, func(entries, keys io.Writer) (int64, error) {
		return room.ExportJournal(ctx, entries, keys, span)
	})
	if errors.Is(err, journal.ErrUnsealed) {
		return fmt.Errorf("central has countersigned nothing yet; --unsealed writes the journal all the same: %w", err)
	}
	if err != nil || unsealed == 0 || span.Shard != nil && !span.Unsealed {
		return err
	}
	return e.tail(told, unsealed)
}

// tail says what became of the entries that no countersignature covers.
func (e exporting) tail(w io.Writer, unsealed int64) error {
	if e.unsealed {
		return say(w, "%d entries at the end are not countersigned yet: printroom-verify takes them with --allow-unsealed.\n", unsealed)
	}
	return say(w, "%d entries at the end are not countersigned yet and were left out.\n", unsealed)
}

// everything writes all journals, and says how to check them.
func (e exporting) everything(ctx context.Context, told io.Writer, room Room) error {
	var keys, exports []string
	var unsealed int64 // of the last one: the first entry of the next covers the others'
	err := room.ExportJournals(ctx, e.unsealed, func(n int, write WriteJournal) (err error) {
		name := fmt.Sprintf("%d-journal", n)
		keys, exports = append(keys, "--keys "+name+".vkey"), append(exports, name+".jsonl")
		unsealed, err = e.write(name, write)
		return err
	})
	if errors.Is(err, journal.ErrUnsealed) {
		return fmt.Errorf("central has countersigned nothing of the journal yet; --unsealed writes it all the same: %w", err)
	}
	if err == nil && unsealed > 0 {
		err = e.tail(told, unsealed)
	}
	if err != nil {
		return err
	}
	return say(told, "printroom-verify %s %s\n", strings.Join(keys, " "), strings.Join(exports, " "))
}

// write writes the two files of an export.
func (e exporting) write(name string, write WriteJournal) (unsealed int64, err error) {
	exported, beside := filepath.Join(e.dir, name+".jsonl"), filepath.Join(e.dir, name+".vkey")
	for _, path := range []string{exported, beside} {
		if _, err := os.Lstat(path); err == nil {
			return 0, &station.Fault{Code: station.FileExists, Err: fmt.Errorf("%s is there already", path)}
		}
	}
	err = create(exported, func(entries io.Writer) error {
		return create(beside, func(keys io.Writer) (err error) {
			unsealed, err = write(entries, keys)
			return err
		})
	})
	return unsealed, err
}
