package ipp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"espero-soft.com/printroom/printer/device"
)

// Operations of RFC 8011 section 5.4.15.
const (
	opValidateJob          = 0x0004
	opCreateJob            = 0x0005
	opSendDocument         = 0x0006
	opCancelJob            = 0x0008
	opGetJobAttributes     = 0x0009
	opGetJobs              = 0x000a
	opGetPrinterAttributes = 0x000b
)

var operationNames = map[uint16]string{
	opValidateJob:          "Validate-Job",
	opCreateJob:            "Create-Job",
	opSendDocument:         "Send-Document",
	opCancelJob:            "Cancel-Job",
	opGetJobAttributes:     "Get-Job-Attributes",
	opGetJobs:              "Get-Jobs",
	opGetPrinterAttributes: "Get-Printer-Attributes",
}

// Client speaks with one printer. Its methods may be called concurrently.
//
// What changes something at the printer, a new job, a document, a cancellation,
// goes over a connection of its own and is never repeated: nothing is sent twice
// because an old connection turned out dead. Questions share connections that
// are kept for a while, and one that finds its connection closed is asked once
// more on a new one.
type Client struct {
	config  Config
	end     endpoint
	tls     *tls.Config // nil for ipp
	kept    *http.Transport
	request atomic.Uint32

	mu       sync.Mutex
	features *features // what Describe found last; nil before
}

// Dial prepares a client. It does not connect yet.
func Dial(c Config) (*Client, error) {
	end, err := parseURI(c.URI)
	if err != nil {
		return nil, err
	}
	if c, err = c.withDefaults(end); err != nil {
		return nil, err
	}
	client := &Client{config: c, end: end}
	if end.secure {
		client.tls = tlsConfig(end.host, c.Pin)
	}
	client.kept = client.line(c.Timeout).transport()
	return client, nil
}

// Send gives the job its one document in PWG Raster and tells the job's state
// as the printer answered it; its Name is only set when the printer told it.
//
// Any error but ErrUnreachable and ErrCertificate leaves open whether the
// letter is on paper, even if the printer later calls the job completed. doc
// must return when ctx ends; an error of it breaks off the job.
func (c *Client) Send(ctx context.Context, jobID int, _ device.Ticket, doc io.Reader) (device.JobStatus, error) {
	attributes := append(c.jobTarget(jobID),
		Attr("document-format", MIMEType(device.FormatPWGRaster)),
		Attr("last-document", Boolean(true)))
	answer, err := c.call(ctx, opSendDocument, attributes, nil, doc)
	if err != nil {
		return device.JobStatus{}, err
	}
	if ignored := answer.Group(TagUnsupported).Names(); len(ignored) > 0 {
		return device.JobStatus{}, &NotHonouredError{Attributes: ignored}
	}
	return jobOf(answer, jobID)
}

// Job asks after one job. A *StatusError with NotFound says that the printer
// has forgotten it; some do so a minute after the job ended.
func (c *Client) Job(ctx context.Context, jobID int) (device.JobStatus, error) {
	attributes := append(c.jobTarget(jobID), requested(jobAttributes...))
	answer, err := c.call(ctx, opGetJobAttributes, attributes, nil, nil)
	if err != nil {
		return device.JobStatus{}, err
	}
	return jobOf(answer, jobID)
}

// Cancel asks the printer to give up a job. What has been printed stays printed.
func (c *Client) Cancel(ctx context.Context, jobID int) error {
	_, err := c.call(ctx, opCancelJob, c.jobTarget(jobID), nil, nil)
	return err
}

// Status looks at the printer.
func (c *Client) Status(ctx context.Context) (device.Status, error) {
	answer, err := c.call(ctx, opGetPrinterAttributes, c.printerTarget(requested(statusAttributes...)), nil, nil)
	if err != nil {
		return device.Status{}, err
	}
	return statusOf(answer.Group(TagPrinter), c.config.Now())
}

// call makes one request and returns the answer when its status is a success.
func (c *Client) call(ctx context.Context, op uint16, operation, job []Attribute, doc io.Reader) (*Message, error) {
	answer, err := c.exchange(ctx, op, operation, job, doc)
	if err == nil && answer.Code > lastSuccess {
		err = refusal(answer)
	}
	var status *StatusError
	if errors.As(err, &status) {
		status.Operation = operationNames[op]
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", operationNames[op], err)
	}
	return answer, nil
}

// exchange makes one request; the answer may be a refusal.
func (c *Client) exchange(ctx context.Context, op uint16, operation, job []Attribute, doc io.Reader) (*Message, error) {
	request := &Message{Major: 2, Code: op, RequestID: c.nextID()}
	request.Groups = []Group{{TagOperation, append([]Attribute{
		Attr("attributes-charset", Charset("utf-8")),
		Attr("attributes-natural-language", Language("en")),
	}, operation...)}}
	if len(job) > 0 {
		request.Groups = append(request.Groups, Group{TagJob, job})
	}
	data, err := request.Encode()
	if err != nil {
		return nil, err
	}
	answer, err := c.send(ctx, op, data, doc)
	if err != nil {
		return nil, err
	}
	if answer.RequestID != request.RequestID || answer.Major == 0 {
		return nil, malformed("answer %d, version %d.%d, to request %d", answer.RequestID, answer.Major, answer.Minor, request.RequestID)
	}
	return answer, nil
}

// send sends a request and reads its answer.
func (c *Client) send(ctx context.Context, op uint16, data []byte, doc io.Reader) (*Message, error) {
	if !question(op) {
		idle := c.config.Timeout
		if doc != nil {
			idle = c.config.Patience
		}
		return (&exchange{end: c.end, line: c.line(idle)}).do(ctx, data, doc)
	}
	x := &exchange{end: c.end, line: c.line(c.config.Timeout), kept: c.kept}
	answer, err := x.do(ctx, data, nil)
	if err != nil && x.stale(err) && ctx.Err() == nil {
		c.kept.CloseIdleConnections() // they are of the same age
		answer, err = (&exchange{end: c.end, line: x.line, kept: c.kept}).do(ctx, data, nil)
	}
	return answer, err
}

// question tells whether an operation changes nothing at the printer, so that it
// may be repeated.
func question(op uint16) bool {
	switch op {
	case opGetJobAttributes, opGetJobs, opGetPrinterAttributes, opValidateJob:
		return true
	}
	return false
}

func (c *Client) line(idle time.Duration) line {
	return line{end: c.end, config: c.config, tls: c.tls, idle: idle}
}

// nextID numbers requests from 1 to 2³¹−1, RFC 8011 section 4.1.1.
func (c *Client) nextID() uint32 {
	return (c.request.Add(1)-1)&(1<<31-1)%(1<<31-1) + 1
}

// refusal is the error of an answer that is no success.
func refusal(answer *Message) error {
	status := &StatusError{Code: answer.Code}
	if texts := answer.Group(TagOperation).Values("status-message"); len(texts) > 0 {
		text, _ := textOf(texts[0])
		status.Message = Shown(text)
	}
	unsupported := answer.Group(TagUnsupported)
	switch answer.Code {
	case statusNoAttributes, statusConflictError, statusFormat:
		if len(unsupported.Attributes) > 0 {
			return &NotHonouredError{Attributes: unsupported.Names(), Err: status}
		}
	}
	return status
}

// printerTarget are the operation attributes that name the printer and the room.
func (c *Client) printerTarget(more ...Attribute) []Attribute {
	return append([]Attribute{
		Attr("printer-uri", URI(c.end.uri)),
		Attr("requesting-user-name", Name(c.config.User)),
	}, more...)
}

// jobTarget are the operation attributes that name a job.
func (c *Client) jobTarget(jobID int) []Attribute {
	return []Attribute{
		Attr("printer-uri", URI(c.end.uri)),
		Attr("job-id", Integer(jobID)),
		Attr("requesting-user-name", Name(c.config.User)),
	}
}

func requested(names ...string) Attribute {
	a := Attribute{Name: "requested-attributes"}
	for _, n := range names {
		a.Values = append(a.Values, Keyword(n))
	}
	return a
}

// cleanUp is how long a job that must not print may take to cancel after the
// caller's own context has ended.
const cleanUp = 10 * time.Second
