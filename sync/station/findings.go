package station

import (
	"context"
	"slices"

	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/store"
)

// checker starts preflight's look at a letter.
func (s *Station) checker(j store.Job) *preflight.Checker {
	terms := preflight.Terms{Pages: j.Pages, Colour: j.Colour}
	if e, err := s.cfg.Postal.Envelope(j.Envelope); err == nil {
		terms.Envelope = &e
	}
	return preflight.New(terms)
}

// keepFindings keeps what was found while a letter was drawn, beside what
// earlier looks found: a look may be at some pages only, and a letter does not
// change. A look that failed finds nothing unless that is why. A store that can't
// keep them holds no letter: what the policy has held goes by what was seen.
func (s *Station) keepFindings(ctx context.Context, job string, check *preflight.Checker, failed error) {
	switch code(failed) {
	case PageCount:
		check.Add(preflight.PageCount)
	case Address:
		check.Add(preflight.Address)
	}
	found := check.Codes()
	if failed != nil && len(found) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx) // what was seen was seen
	j, err := s.cfg.Store.Job(ctx, job)
	if err == nil {
		all := preflight.Merge(codes(j.Findings), found)
		if j.Findings != nil && slices.Equal(all, codes(j.Findings)) {
			return
		}
		err = s.cfg.Store.SetFindings(ctx, job, words(all))
	}
	if err == nil {
		err = s.refreshJob(ctx, job)
	}
	if err != nil {
		s.cfg.Log.Warn("findings", "job", job, "error", err)
	}
}

// lookForColour draws a letter that was paid in black and white once more, small
// and in colour: the pages for the printer do not show what gets lost. It is
// done when a person looks, who can still do something about it, and before a
// letter is printed where the policy has it held for that.
func (s *Station) lookForColour(ctx context.Context, d drawing) ([]preflight.Code, error) {
	own := d.own()
	if d.job.Colour || own != nil && len(own) == 0 || slices.Contains(d.job.Findings, string(preflight.GreyLost)) {
		return nil, nil
	}
	check := preflight.New(preflight.Terms{})
	request := render.Request{Document: d.letter.Document.Bytes(), DPI: preflight.ColourDPI, Colour: true, Pages: own}
	_, err := s.cfg.Renderer.Render(ctx, request, func(p render.Page) error {
		check.Colours(p, preflight.ColourDPI)
		return nil
	})
	if err == nil && len(check.Codes()) > 0 {
		s.keepFindings(ctx, d.job.ID, check, nil)
	}
	return check.Codes(), err
}

// codes are the store's words, nil for nil.
func codes(words []string) []preflight.Code {
	if words == nil {
		return nil
	}
	all := []preflight.Code{}
	for _, w := range words {
		all = append(all, preflight.Code(w))
	}
	return all
}

func words(codes []preflight.Code) []string {
	all := []string{}
	for _, c := range codes {
		all = append(all, string(c))
	}
	return all
}
