package station

import (
	"errors"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// The time that retention goes by is what the room authority signed last: no list
// that is older, or that somebody else signed, changes it.
func TestCentralTime(t *testing.T) {
	r := newRoom(t)
	list := func(at time.Time) wire.SignedStaff {
		return signedStaff(t, authority(), wire.Staff{Station: name, IssuedAt: at, Revision: r.revision, Policy: r.policy, People: []wire.Person{}})
	}
	noon := time.Date(2036, 3, 2, 12, 0, 0, 0, time.UTC)
	r.check(r.TakeStaff(t.Context(), list(noon)))
	r.check(r.TakeStaff(t.Context(), list(noon.Add(-time.Hour))))
	late := signedStaff(t, newAuthority(), wire.Staff{Station: name, IssuedAt: noon.AddDate(8, 0, 0), Revision: r.revision + 1, Policy: r.policy, People: []wire.Person{}})
	if err := r.TakeStaff(t.Context(), late); !errors.Is(err, wire.ErrStaffSignature) {
		t.Errorf("a stranger's list: %v", err)
	}
	if !r.CentralTime().Equal(noon) {
		t.Errorf("it is %s, want %s", r.CentralTime(), noon)
	}
}
