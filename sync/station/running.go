package station

import (
	"context"
	"strings"

	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/journal/verify"
)

// What the journal says of the program and of what it is set up with. Close says
// that it ended.

// Started journals that the program began, and in which version.
func (s *Station) Started(ctx context.Context, version string) error {
	return s.enter(ctx, journal.Access{Action: journal.ActionStart, Object: versionID(version)}, journal.OutcomeDone)
}

// versionID is a version as the journal can name it, such as version-0-2-0 or
// version-0-2-0-rc1; "" for one that it can't.
func versionID(version string) string {
	release, before, early := strings.Cut(version, "-")
	id := "version-" + strings.ReplaceAll(release, ".", "-")
	if early {
		id += "-" + strings.ReplaceAll(before, ".", "")
	}
	if verify.CheckID(id) != nil {
		return ""
	}
	return id
}

// What a station is set up with from outside, as the reasons of configure entries.
const (
	SetTrust       = "trust"       // whom the room trusts
	SetCertificate = "certificate" // the station's own
)

// Configured journals that something was set up anew, or why it was refused; what
// is refused again and again for one reason, once.
func (s *Station) Configured(ctx context.Context, what string, why error) error {
	c := code(why)
	s.mu.Lock()
	again := s.misfit[what] == c && c != ""
	s.misfit[what] = c
	s.mu.Unlock()
	switch {
	case again:
		return nil
	case c != "":
		return s.enter(ctx, journal.Access{Action: journal.ActionConfigure, Reason: what}, journal.OutcomeRefused)
	}
	return s.enter(ctx, journal.Access{Action: journal.ActionConfigure, Reason: what}, journal.OutcomeDone)
}
