package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrTooLarge: a body is above its limit.
var ErrTooLarge = errors.New("body too large")

// Read takes all of r, at most limit bytes; more is ErrTooLarge.
func Read(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, limit)
	}
	return body, nil
}

// DecodeRequest parses one JSON value into v and refuses unknown fields and anything after the value.
func DecodeRequest(body []byte, v any) error { return decode(body, v, true) }

// DecodeAnswer reads at most limit bytes of one JSON value into v. Fields it does not know are ignored,
// so that central may learn more; anything after the value is refused.
func DecodeAnswer(r io.Reader, limit int64, v any) error {
	body, err := Read(r, limit)
	if err != nil {
		return err
	}
	return decode(body, v, false)
}

func decode(body []byte, v any, strict bool) error {
	d := json.NewDecoder(bytes.NewReader(body))
	if strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("decode %T: %w", v, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("decode %T: something follows the JSON value", v)
	}
	return nil
}
