package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

// call makes one request with a JSON body (none when nil) and reads the JSON answer into answer.
func (c *Client) call(ctx context.Context, method, path string, body, answer any) error {
	if body == nil {
		return c.send(ctx, method, path, "", nil, answer)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode request: %w", err)
	}
	return c.send(ctx, method, path, "application/json", text, answer)
}

// slowest is the line, in bytes a second, on which a body still goes through: the largest picture takes
// four minutes on it, less than central's patience.
const slowest = 128 << 10

func (c *Client) send(ctx context.Context, method, path, media string, body []byte, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeout+time.Duration(len(body))*time.Second/slowest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request: %w", err)
	}
	if media != "" {
		req.Header.Set("Content-Type", media)
	}
	resp, err := c.exchange(ctx, req)
	if err != nil {
		return err
	}
	defer finish(resp)
	if err := wire.DecodeAnswer(resp.Body, wire.MaxAnswer, answer); err != nil {
		return c.unread(ctx, err)
	}
	return nil
}

// exchange gives an answer of status 2xx, to be finished by the caller, or an error.
func (c *Client) exchange(ctx context.Context, req *http.Request) (*http.Response, error) {
	// net/http itself sends a request again when the idle connection it chose turns out dead before an
	// answer began; idempotence makes that harmless.
	resp, err := c.current().Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // without the address: it stands in the configuration
		}
		return nil, classify(ctx, err)
	}
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		return resp, nil
	}
	defer finish(resp)
	if resp.StatusCode < 400 {
		return nil, fmt.Errorf("%w: status %d", ErrAnswer, resp.StatusCode)
	}
	return nil, wire.DecodeProblem(resp.Body, resp.StatusCode)
}

// unread tells an answer that broke off from one that makes no sense.
func (c *Client) unread(ctx context.Context, err error) error {
	var syntax *json.SyntaxError
	var mistyped *json.UnmarshalTypeError
	switch {
	case ctx.Err() != nil:
		return classify(ctx, err)
	case errors.As(err, &syntax), errors.As(err, &mistyped), errors.Is(err, wire.ErrTooLarge):
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	case errors.Is(err, io.ErrUnexpectedEOF), aboutCertificates(err):
		return classify(ctx, err)
	}
	return fmt.Errorf("%w: %w", ErrAnswer, err)
}

// finish lets the connection be used again unless a lot is left unread.
func finish(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // what is left does not matter
	_ = resp.Body.Close()
}
