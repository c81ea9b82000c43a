package station

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/text/unicode/norm"

	"espero-soft.com/printroom/printer/letter"
	"espero-soft.com/printroom/printer/postal"
	"espero-soft.com/printroom/printer/preflight"
	"espero-soft.com/printroom/printer/render"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/keys"
	"espero-soft.com/printroom/vault/store"
)

// open opens a job's letter: the journal's intent first, then the keys. use
// gets the letter, which is wiped when it returns. What came of it is
// journaled as the intent's result.
func (s *Station) open(ctx context.Context, j store.Job, access journal.Access, use func(*keys.Letter) error) error {
	permit, err := s.opened(ctx, j, access, use)
	if err != nil {
		return err
	}
	return s.result(ctx, permit, journal.OutcomeDone, "")
}

// opened does the same, and leaves the result of what went well to the caller.
func (s *Station) opened(ctx context.Context, j store.Job, access journal.Access, use func(*keys.Letter) error) (journal.Permit, error) {
	permit, err := s.intent(ctx, access)
	s.report(partJournal, err)
	if err != nil {
		return permit, fault(err)
	}
	if err = s.openWith(ctx, permit, j, use); err != nil {
		err = errors.Join(err, s.result(ctx, permit, journal.OutcomeFailed, string(code(err))))
	}
	return permit, fault(err)
}

// result journals how an access ended. It must be there even when the person
// gave up waiting.
func (s *Station) result(ctx context.Context, permit journal.Permit, o journal.Outcome, reason string) error {
	err := s.cfg.Journal.ResultFor(context.WithoutCancel(ctx), permit, o, reason)
	s.JournalReport(err)
	s.tell()
	return fault(err)
}

func (s *Station) openWith(ctx context.Context, permit journal.Permit, j store.Job, use func(*keys.Letter) error) error {
	l, err := s.unseal(ctx, permit, j)
	if err != nil {
		return err
	}
	defer l.Close()
	return use(l)
}

func (s *Station) unseal(ctx context.Context, permit journal.Permit, j store.Job) (*keys.Letter, error) {
	s.using.RLock() // a batch that is done with the claim does not wipe its key meanwhile
	defer s.using.RUnlock()
	key, err := s.claimKey(ctx, j.Claim)
	if err != nil {
		return nil, err
	}
	document, err := s.cfg.Store.Document(j.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &Fault{Code: DocumentCorrupt, Err: err}
	}
	if err != nil {
		return nil, err
	}
	if j.Closed != nil {
		return nil, j.Closed
	}
	return key.Open(permit, j.ID, j.WrappedKey, document, j.Details)
}

// drawing is a letter as it goes to paper: the carrier page is page 0, the
// letter's own pages follow.
type drawing struct {
	job    store.Job
	code   postal.AttemptCode // on the carrier page
	letter *keys.Letter
	dpi    int
	pages  []int // ascending; nil for all
}

// draw renders pages in order. A letter that does not have the pages that were
// paid for is refused; what was emitted before that must not be used. What
// preflight finds on the way is kept with the job, and returned.
func (s *Station) draw(ctx context.Context, d drawing, emit func(render.Page) error) ([]preflight.Code, error) {
	check := s.checker(d.job)
	err := s.drawPages(ctx, d, check, emit)
	s.keepFindings(ctx, d.job.ID, check, err)
	return check.Codes(), err
}

func (s *Station) drawPages(ctx context.Context, d drawing, check *preflight.Checker, emit func(render.Page) error) error {
	if d.pages == nil || slices.Contains(d.pages, 0) {
		carrier, err := s.carrier(d)
		if err != nil {
			return err
		}
		request := render.Request{Document: carrier, DPI: d.dpi, Colour: d.job.Colour}
		if _, err := s.cfg.Renderer.Render(ctx, request, func(p render.Page) error {
			defer check.Carrier(p, d.dpi) // whoever waits for the page comes first
			return emit(p)
		}); err != nil {
			return err
		}
	}
	own := d.own()
	if own != nil && len(own) == 0 {
		return nil
	}
	request := render.Request{Document: d.letter.Document.Bytes(), DPI: d.dpi, Colour: d.job.Colour, Pages: own}
	report, err := s.cfg.Renderer.Render(ctx, request, func(p render.Page) error {
		if p.Index >= d.job.Pages {
			return errPageCount
		}
		defer check.Page(p, d.dpi)
		p.Index++
		return emit(p)
	})
	if err == nil && report.Faults > 0 {
		return &Fault{Code: DocumentCorrupt, Err: fmt.Errorf("%d errors in the pages: something would be missing on paper", report.Faults)}
	}
	if errors.Is(err, render.ErrPage) || err == nil && report.Pages != d.job.Pages {
		return errPageCount
	}
	if err == nil {
		check.Document(report)
	}
	return err
}

// own are the asked pages as those of the document, nil for all. What was not
// paid for can't be asked for.
func (d drawing) own() []int {
	if d.pages == nil {
		return nil
	}
	own := []int{}
	for _, p := range d.pages {
		if p > 0 && p <= d.job.Pages {
			own = append(own, p-1)
		}
	}
	return own
}

func (s *Station) carrier(d drawing) ([]byte, error) {
	envelope, err := s.cfg.Postal.Envelope(d.job.Envelope)
	if err != nil {
		return nil, &Fault{Code: Address, Err: err}
	}
	recipient, country := composed(d.letter.Details.Recipient), d.letter.Details.Country
	if found := s.cfg.Postal.Address.Check(recipient, country); len(found) > 0 {
		return nil, &Fault{Code: Address, Err: found[0]}
	}
	pdf, err := letter.Carrier(letter.CarrierData{
		Attempt: d.code, Product: postal.Product(d.job.Product), Envelope: envelope,
		Recipient: recipient, Country: country, Return: composed(d.letter.Details.Return),
		Sheets: sheets(d.job),
	})
	if err != nil {
		return nil, &Fault{Code: Address, Err: err}
	}
	return pdf, nil
}

// composed gives each letter with its accents as one character (Unicode's form
// NFC), which is how fonts hold them.
func composed(lines []string) []string {
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = norm.NFC.String(l)
	}
	return out
}

// sheets counts a job's sheets of paper: the carrier page has one of its own,
// whose back stays blank.
func sheets(j store.Job) int { return 1 + postal.Sheets(j.Pages, j.Duplex) }

// impressions counts the sides that the printer must put out.
func impressions(j store.Job) int {
	if j.Duplex {
		return 2 + j.Pages
	}
	return 1 + j.Pages
}

var errPageCount = &Fault{Code: PageCount, Err: errors.New("the document does not have the number of pages that was paid")}
