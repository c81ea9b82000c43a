package client

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// Orders follows the stream of orders and hands take each notice, one at a time, as long as take returns
// no error. It returns nil when central ended the stream after a whole line, take's own error, or what
// broke the stream: connect again then, after a while. Nothing is lost by that, as the first line of a
// stream says all that still holds. A stream without a whole line for wire.SilenceMax is broken off, and
// so is one whose line is too long or is no notice (ErrAnswer). While take works no time counts.
func (c *Client) Orders(ctx context.Context, take func(wire.Notice) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(c.timeout, func() { cancel(context.DeadlineExceeded) })
	defer silent.Stop()
	req, err := http.NewRequestWithContext(ctx, "GET", c.base+"/orders", nil)
	if err != nil {
		return fmt.Errorf("follow orders: make request: %w", err)
	}
	req.Header.Set("Accept", wire.NoticeMedia)
	resp, err := c.exchange(ctx, req)
	if err != nil {
		return fmt.Errorf("follow orders: %w", stall(ctx, err))
	}
	defer func() { _ = resp.Body.Close() }()
	if media, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type")); err != nil || media != wire.NoticeMedia {
		return fmt.Errorf("follow orders: %w: it is no stream of notices", ErrAnswer)
	}
	lines := bufio.NewReaderSize(resp.Body, wire.MaxNotice)
	for {
		silent.Reset(c.silence)
		n, err := notice(ctx, lines)
		silent.Stop()
		if errors.Is(err, errEnded) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("follow orders: %w", err)
		}
		if err := take(n); err != nil {
			return err
		}
	}
}

// errEnded: the stream ended after a whole line.
var errEnded = errors.New("the stream has ended")

// notice reads the next line.
func notice(ctx context.Context, lines *bufio.Reader) (wire.Notice, error) {
	line, err := lines.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return wire.Notice{}, fmt.Errorf("%w: a line of more than %d bytes", ErrAnswer, wire.MaxNotice)
	case errors.Is(err, io.EOF) && len(line) == 0 && ctx.Err() == nil:
		return wire.Notice{}, errEnded
	case errors.Is(err, io.EOF):
		return wire.Notice{}, stall(ctx, classify(ctx, io.ErrUnexpectedEOF))
	case err != nil:
		return wire.Notice{}, stall(ctx, classify(ctx, err))
	}
	n, err := wire.DecodeNotice(line)
	if err != nil {
		return n, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return n, nil
}
