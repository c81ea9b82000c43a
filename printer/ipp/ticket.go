package ipp

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"espero-soft.com/printroom/printer/device"
)

// Create makes a job that has no document yet and returns its number, from 1.
// What the printer says it will not do as asked is a *NotHonouredError, and the
// job is cancelled. ErrUnreachable and ErrCertificate mean that there is no
// job; any other error may have left one, to be found by its name.
func (c *Client) Create(ctx context.Context, t device.Ticket) (int, error) {
	f, err := c.known(ctx)
	if err != nil {
		return 0, err
	}
	template, err := f.template(t)
	if err != nil {
		return 0, err
	}
	answer, err := c.call(ctx, opCreateJob, c.creation(f, t, template), template, nil)
	if err != nil {
		return 0, err
	}
	job, err := readJob(answer.Group(TagJob))
	if err != nil {
		return 0, err
	}
	if err := c.honoured(ctx, job.ID, answer, template); err != nil {
		return 0, c.withdraw(ctx, job.ID, err)
	}
	return job.ID, nil
}

// Validate asks whether the printer would take a ticket, without making a job.
// A printer that has no Validate-Job is taken at its description.
func (c *Client) Validate(ctx context.Context, t device.Ticket) error {
	f, err := c.known(ctx)
	if err != nil {
		return err
	}
	template, err := f.template(t)
	if err != nil || !f.Validates {
		return err
	}
	operation := append(c.creation(f, t, template), Attr("document-format", MIMEType(device.FormatPWGRaster)))
	answer, err := c.call(ctx, opValidateJob, operation, template, nil)
	if err != nil {
		return err
	}
	return ignored(answer)
}

// creation are the operation attributes of a new job: nothing in the template
// is optional.
func (c *Client) creation(f *features, t device.Ticket, template []Attribute) []Attribute {
	operation := c.printerTarget(Attr("job-name", Name(t.Name)))
	if !f.Mandatory {
		return append(operation, Attr("ipp-attribute-fidelity", Boolean(true)))
	}
	mandatory := Attribute{Name: "job-mandatory-attributes"}
	for _, a := range template {
		mandatory.Values = append(mandatory.Values, Keyword(a.Name))
	}
	return append(operation, mandatory)
}

// template are the ticket's job template attributes. An attribute that a
// printer does not have is left out only where it could not do otherwise than
// asked; what it has without the value that is needed is not honoured.
func (f *features) template(t device.Ticket) ([]Attribute, error) {
	if t.Name == "" {
		return nil, errors.New("ipp: a job needs a name to be found by")
	}
	media, err := f.media(t.Media)
	if err != nil {
		return nil, err
	}
	template := []Attribute{media}
	var missing []string
	add := func(name, value string, have []string, canOmit bool) {
		switch {
		case slices.Contains(have, value):
			template = append(template, Attr(name, Keyword(value)))
		case len(have) > 0 || !canOmit:
			missing = append(missing, name)
		}
	}
	add("sides", t.SidesKeyword(), f.Sides, !t.Duplex)
	add("print-color-mode", t.ColourKeyword(), f.ColourModes, !t.Colour || f.Colour)
	add("print-scaling", "none", f.Scaling, true)
	if f.copies {
		template = append(template, Attr("copies", Integer(1)))
	}
	if slices.Contains(f.resolutions, t.DPI) {
		template = append(template, Attr("printer-resolution", Resolution{int32(t.DPI), int32(t.DPI), PerInch}))
	} else if !slices.Contains(f.DPI, t.DPI) {
		missing = append(missing, "printer-resolution")
	}
	if len(missing) > 0 {
		return nil, &NotHonouredError{Attributes: missing}
	}
	return template, nil
}

// media names the medium, or gives its size where the printer lists sizes only.
func (f *features) media(name string) (Attribute, error) {
	size, err := device.ParseMedia(name)
	if err != nil {
		return Attribute{}, err
	}
	if !slices.Contains(f.Media, name) && slices.ContainsFunc(f.Sizes, size.Equal) {
		return Attr("media-col", Collection{Attr("media-size", Collection{
			Attr("x-dimension", Integer(size.Width)), Attr("y-dimension", Integer(size.Length)),
		})}), nil
	}
	// A name the printer did not list goes out all the same: the printer has
	// the last word on its media.
	return Attr("media", Keyword(name)), nil
}

// honoured holds a new job against its template, by what the printer answered
// and by what the job now says of itself.
func (c *Client) honoured(ctx context.Context, jobID int, answer *Message, template []Attribute) error {
	if err := ignored(answer); err != nil {
		return err
	}
	names := []string{"job-id"}
	for _, a := range template {
		names = append(names, a.Name)
	}
	job, err := c.call(ctx, opGetJobAttributes, append(c.jobTarget(jobID), requested(names...)), nil, nil)
	if err != nil {
		return err
	}
	return substituted(job.Group(TagJob), template)
}

// ignored is what an answer to a ticket lists as unsupported.
func ignored(answer *Message) error {
	names := answer.Group(TagUnsupported).Names()
	if len(names) == 0 && answer.Code != statusIgnored && answer.Code != statusConflicting {
		return nil
	}
	if len(names) == 0 {
		names = []string{statusName(answer.Code)}
	}
	return &NotHonouredError{Attributes: names}
}

// substituted compares the simple values a job reports with those asked for.
// Printers need not report them, and complete collections in their own way.
func substituted(job Group, template []Attribute) error {
	var other []string
	for _, want := range template {
		got := job.Values(want.Name)
		if len(got) == 0 || got[0].Tag().isOutOfBand() || got[0].Tag() == TagBeginCollection {
			continue
		}
		if !sameValue(got[0], want.Values[0]) {
			other = append(other, fmt.Sprintf("%s=%s", want.Name, describeValue(got[0])))
		}
	}
	if len(other) > 0 {
		return &NotHonouredError{Attributes: other}
	}
	return nil
}

// sameValue compares texts whatever string syntax they came in.
func sameValue(a, b Value) bool {
	textA, okA := textOf(a)
	textB, okB := textOf(b)
	if okA && okB {
		return textA == textB
	}
	return a == b
}

func describeValue(v Value) string {
	if s, ok := textOf(v); ok {
		return Shown(s)
	}
	return Shown(fmt.Sprint(v))
}

// withdraw cancels a job that must not print and returns why. It does so even
// when the caller's context has just ended.
func (c *Client) withdraw(ctx context.Context, jobID int, why error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	if err := c.Cancel(ctx, jobID); err != nil {
		return errors.Join(why, fmt.Errorf("job %d remains at the printer: %w", jobID, err))
	}
	return why
}
