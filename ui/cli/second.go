package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/memory"
)

// pair is two people who do something together, and where their PINs come from.
type pair struct {
	person, second     string
	personFD, secondFD int
}

func (two *pair) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&two.person, "person", "", "pseudonym of who does it, where two people are wanted")
	cmd.Flags().IntVar(&two.personFD, "pin-fd", -1, "file descriptor to read their PIN from (default: ask at the terminal)")
	cmd.Flags().StringVar(&two.second, "second", "", "pseudonym of the second person, who agrees")
	cmd.Flags().IntVar(&two.secondFD, "second-pin-fd", -1, "file descriptor to read the second PIN from (default: ask at the terminal)")
}

// agree lets two people do something where the room's policy wants two. Where it
// does not nobody has to be named, and who is does it. Closing the room locks it
// again.
func (p *Program) agree(ctx context.Context, room Room, act wire.SecondPersonAct, two pair) error {
	asks := room.Snapshot().Policy.SecondPerson[act]
	if !asks && two.person == "" {
		return nil
	}
	if asks && (two.person == "" || two.second == "") {
		return &station.Fault{Code: station.SecondPerson, Err: errors.New("name both: --person and --second")}
	}
	if two.personFD >= 0 && two.personFD == two.secondFD {
		return errOneForBoth
	}
	if err := p.withPIN(ctx, two.personFD, "PIN of "+two.person+": ", func(pin []byte) error {
		return room.Unlock(ctx, two.person, pin)
	}); err != nil || !asks {
		return err
	}
	return p.withPIN(ctx, two.secondFD, "PIN of "+two.second+": ", func(pin []byte) error {
		return room.Approve(ctx, act, "", &station.Second{Pseudonym: two.second, PIN: pin})
	})
}

// withPIN reads a PIN, has it used, and wipes it.
func (p *Program) withPIN(ctx context.Context, fd int, prompt string, use func(pin []byte) error) error {
	pin, err := p.readPIN(ctx, fd, prompt)
	if err != nil {
		return err
	}
	defer pin.Destroy()
	return use(pin.Bytes())
}

// second is the second person that an instruction names, with the next PIN; nil
// for nobody. The caller wipes it.
func (w *worker) second(ctx context.Context, pseudonym string) (*station.Second, error) {
	if pseudonym == "" {
		return nil, nil
	}
	pin, err := w.pins.next(ctx)
	if err != nil {
		return nil, err
	}
	return &station.Second{Pseudonym: pseudonym, PIN: pin}, nil
}

func wipe(s *station.Second) {
	if s != nil {
		memory.Wipe(s.PIN)
	}
}

// override lets a letter be printed that is held for its findings.
func (w *worker) override(ctx context.Context, rest string) (map[string]any, error) {
	return w.errand(ctx, "override", rest, nil, func(ctx context.Context, job, _ string, second *station.Second) error {
		return w.room.Override(ctx, job, second)
	})
}

// keep has a letter kept longer than others, or as long.
func (w *worker) keep(ctx context.Context, rest string) (map[string]any, error) {
	return w.errand(ctx, "keep", rest, []string{"longer", "usual"}, func(ctx context.Context, job, word string, second *station.Second) error {
		return w.room.KeepLonger(ctx, job, word == "longer", second)
	})
}

// errand reads CODE, one of some words where there are any, and [second
// PSEUDONYM], and does what they say.
func (w *worker) errand(ctx context.Context, verb, rest string, choices []string,
	do func(ctx context.Context, job, word string, second *station.Second) error) (map[string]any, error) {
	words := strings.Fields(rest)
	if len(words) == 0 {
		return nil, fmt.Errorf("say which letter: %s CODE", verb)
	}
	job, ok := w.room.Find(words[0])
	if !ok {
		return nil, &station.Fault{Code: station.CodeUnknown, Err: fmt.Errorf("%q is no code that this station knows", words[0])}
	}
	words = words[1:]
	word, pseudonym := "", ""
	if len(choices) > 0 {
		if len(words) == 0 || words[0] != choices[0] && words[0] != choices[1] {
			return nil, fmt.Errorf("say how: %s CODE %s", verb, strings.Join(choices, "|"))
		}
		word, words = words[0], words[1:]
	}
	if len(words) == 2 && words[0] == "second" {
		pseudonym, words = words[1], nil
	}
	if len(words) > 0 {
		return nil, fmt.Errorf("%q is not understood after %s", words[0], verb)
	}
	second, err := w.second(ctx, pseudonym)
	if err != nil {
		return nil, err
	}
	defer wipe(second)
	err = do(ctx, job.ID, word, second)
	return w.after(job.ID), err
}
