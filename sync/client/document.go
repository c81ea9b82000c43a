package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// Sink keeps a document that arrives in parts. *os.File is one.
type Sink interface {
	io.ReaderAt
	io.WriterAt
}

// Download fetches a sealed document into dst, going on after its first from bytes, and returns how many
// bytes of it dst holds afterwards, whatever the error: pass that as from the next time. When all are
// there the digest of the whole is checked; with ErrDigest nothing held is worth keeping and 0 is
// returned. dst is written from byte 0 again when central cannot go on in the middle.
func (c *Client) Download(ctx context.Context, doc wire.Document, dst Sink, from int64) (int64, error) {
	if doc.Size < 1 || doc.Size > wire.MaxDocument || from < 0 || from > doc.Size {
		return 0, fmt.Errorf("download: %d of %d bytes held, at most %d are possible", from, doc.Size, wire.MaxDocument)
	}
	held := from
	if held < doc.Size {
		var err error
		if held, err = c.fetch(ctx, doc, dst, from); err != nil {
			return held, fmt.Errorf("download: %w", err)
		}
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(dst, 0, doc.Size)); err != nil {
		return held, fmt.Errorf("read the download back: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != doc.SHA256 {
		return 0, fmt.Errorf("download: %w", ErrDigest)
	}
	return held, nil
}

// DownloadFile fetches a sealed document into the file path, mode 0600. What arrived of a download that
// broke off stays in path + ".part" and is gone on with; path itself appears only when it is whole,
// checked and durable.
func (c *Client) DownloadFile(ctx context.Context, doc wire.Document, path string) error {
	part, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("keep download: %w", err)
	}
	err = c.downloadPart(ctx, doc, part)
	if closing := part.Close(); err == nil && closing != nil {
		err = fmt.Errorf("keep download: %w", closing)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("keep download: %w", err)
	}
	return syncDir(filepath.Dir(path))
}

func (c *Client) downloadPart(ctx context.Context, doc wire.Document, part *os.File) error {
	info, err := part.Stat()
	if err != nil {
		return fmt.Errorf("keep download: %w", err)
	}
	held, err := c.Download(ctx, doc, part, min(info.Size(), max(doc.Size, 0)))
	// A file longer than the document was another's.
	if cut := part.Truncate(held); err == nil && cut != nil {
		err = fmt.Errorf("keep download: %w", cut)
	}
	if err != nil {
		return err
	}
	if err := part.Sync(); err != nil {
		return fmt.Errorf("keep download: %w", err)
	}
	return nil
}

func (c *Client) fetch(ctx context.Context, doc wire.Document, dst io.WriterAt, from int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	stalled := time.AfterFunc(c.timeout, func() { cancel(context.DeadlineExceeded) })
	defer stalled.Stop()
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/documents/"+url.PathEscape(doc.ID), nil)
	if err != nil {
		return from, fmt.Errorf("make request: %w", err)
	}
	tag := strconv.Quote(doc.SHA256)
	if from > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(from, 10)+"-")
		req.Header.Set("If-Range", tag)
	}
	resp, err := c.exchange(ctx, req)
	if err != nil {
		return from, stall(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }()
	at, err := begins(resp, doc, from)
	if err != nil {
		return from, err
	}
	w := &progress{to: io.NewOffsetWriter(dst, at), timer: stalled, every: c.timeout}
	n, err := io.Copy(w, io.LimitReader(resp.Body, doc.Size-at))
	at += n
	var local *writeError
	switch {
	case errors.As(err, &local):
		return at, fmt.Errorf("keep download: %w", local.err)
	case err != nil:
		return at, stall(ctx, classify(ctx, err))
	case at < doc.Size:
		return at, fmt.Errorf("%w: %d of %d bytes came", ErrUnreachable, at, doc.Size)
	}
	return at, nil
}

// begins checks which bytes the answer holds and gives the first.
func begins(resp *http.Response, doc wire.Document, from int64) (int64, error) {
	if tag := resp.Header.Get("ETag"); tag != strconv.Quote(doc.SHA256) {
		return 0, fmt.Errorf("%w: it is another document", ErrAnswer)
	}
	if resp.StatusCode == http.StatusOK {
		from = 0
	} else if want := fmt.Sprintf("bytes %d-%d/%d", from, doc.Size-1, doc.Size); resp.Header.Get("Content-Range") != want {
		return 0, fmt.Errorf("%w: not the bytes asked for", ErrAnswer)
	}
	if resp.ContentLength >= 0 && resp.ContentLength != doc.Size-from {
		return 0, fmt.Errorf("%w: %d bytes announced, %d expected", ErrAnswer, resp.ContentLength, doc.Size-from)
	}
	return from, nil
}

// stall says deadline where our own timer, not the caller, gave up.
func stall(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return fmt.Errorf("%w: %w", ErrUnreachable, context.DeadlineExceeded)
	}
	return err
}

// progress puts the timer back with every write, and marks the writer's errors apart from the reader's.
type progress struct {
	to    io.Writer
	timer *time.Timer
	every time.Duration
}

type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

func (p *progress) Write(b []byte) (int, error) {
	p.timer.Reset(p.every)
	n, err := p.to.Write(b)
	if err != nil {
		return n, &writeError{err}
	}
	return n, nil
}
