package station

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/tpm"
)

// slotsSetting lists the slots that hold the PIN of somebody who is not there any
// more, until the TPM has emptied them: it may be away.
const slotsSetting = "slots_given_up"

// slotsLeft are the slots that had somebody in one list, and in another nobody or
// somebody else.
func slotsLeft(before, now []wire.Person) (left []int) {
	for _, p := range before {
		stays := slices.ContainsFunc(now, func(o wire.Person) bool { return o.Pseudonym == p.Pseudonym && o.Slot == p.Slot })
		if p.Slot != wire.NoSlot && !stays {
			left = append(left, p.Slot)
		}
	}
	return left
}

// vacant are those of them that hold nobody's PIN of now: a list that could not
// be kept at first may have been worked with since.
func (s *Station) vacant(ctx context.Context, before, now []wire.Person) []int {
	return slices.DeleteFunc(slotsLeft(before, now), func(slot int) bool {
		return slices.ContainsFunc(now, func(p wire.Person) bool { return p.Slot == slot && s.holds(ctx, memberOf(p)) })
	})
}

func (s *Station) slotsGivenUp(ctx context.Context) (slots []int, err error) {
	text, err := s.cfg.Store.Setting(ctx, slotsSetting)
	if err != nil || len(text) == 0 {
		return nil, fault(err)
	}
	if err := json.Unmarshal(text, &slots); err != nil {
		return nil, fmt.Errorf("read the slots that were given up: %w", err)
	}
	return slots, nil
}

// giveUpSlots keeps that slots have to be emptied.
func (s *Station) giveUpSlots(ctx context.Context, slots ...int) error {
	if len(slots) == 0 {
		return nil
	}
	s.setting.Lock()
	defer s.setting.Unlock()
	all, err := s.slotsGivenUp(ctx)
	if err != nil {
		return err
	}
	return s.keepSlots(ctx, append(all, slots...))
}

// emptySlot has the TPM forget the PIN in a slot, if it was given up. Where the
// TPM's owner has a password it stays there, and the next person's PIN takes its
// place. Callers hold setting.
func (s *Station) emptySlot(ctx context.Context, slot int) error {
	all, err := s.slotsGivenUp(ctx)
	if err != nil || !slices.Contains(all, slot) {
		return err
	}
	if err := s.cfg.TPM.ForgetPIN(slot); err != nil && !errors.Is(err, tpm.ErrHierarchy) {
		return fault(err)
	}
	return s.keepSlots(ctx, slices.DeleteFunc(all, func(o int) bool { return o == slot }))
}

func (s *Station) keepSlots(ctx context.Context, slots []int) error {
	slices.Sort(slots)
	text, err := json.Marshal(slices.Compact(slots))
	if err != nil {
		return fmt.Errorf("write the slots that were given up: %w", err)
	}
	return fault(s.cfg.Store.SetSetting(ctx, slotsSetting, text))
}

// emptySlots has the TPM forget the PINs in the slots that were given up. What it
// can't do now is done with the next list.
func (s *Station) emptySlots(ctx context.Context) {
	s.setting.Lock()
	defer s.setting.Unlock()
	all, err := s.slotsGivenUp(ctx)
	for _, slot := range all {
		if err = s.emptySlot(ctx, slot); err != nil {
			break // the TPM is away
		}
	}
	if err != nil {
		s.cfg.Log.Warn("slots", "error", err)
	}
}
