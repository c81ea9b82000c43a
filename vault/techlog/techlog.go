// Package techlog writes the technical log: JSON lines that help to find a
// fault and hold nothing about a letter's sender or recipient. Only attributes
// whose key is on a list get in, and only in the form that the list allows;
// messages are short codes. What is refused is counted, not written. Files are
// 0600, rotate by size and by month; Expire deletes them at 12 months.
package techlog

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// A Handler filters records through the list and writes the rest as JSON. It
// may be used by several goroutines at once.
type Handler struct {
	next slog.Handler
	keys map[string]Form // never written after New
	// refused counts what With took away before any record was made.
	refused int
}

var _ slog.Handler = (*Handler)(nil)

// NewHandler returns a handler that writes to next what the list allows. The
// keys of extra come on top of Keys.
func NewHandler(next slog.Handler, extra map[string]Form) *Handler {
	keys := Keys()
	for key, form := range extra {
		keys[key] = form
	}
	return &Handler{next: next, keys: keys}
}

// Enabled asks the handler below.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle writes the record without what the list refuses; "refused" then says
// how many attributes it was. A message that is no code becomes "message_refused".
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	message := r.Message
	if !isCode(message) {
		message = "message_refused"
	}
	out := slog.NewRecord(r.Time.UTC(), r.Level, message, 0)
	refused := h.refused
	r.Attrs(func(a slog.Attr) bool {
		kept, n := h.filter([]slog.Attr{a})
		out.AddAttrs(kept...)
		refused += n
		return true
	})
	if refused > 0 {
		out.AddAttrs(slog.Int("refused", refused))
	}
	return h.next.Handle(ctx, out)
}

// WithAttrs filters at once, so that nothing refused is kept in memory.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	kept, n := h.filter(attrs)
	return &Handler{next: h.next.WithAttrs(kept), keys: h.keys, refused: h.refused + n}
}

// WithGroup returns h: a key means the same wherever it stands, so groups are flat.
func (h *Handler) WithGroup(string) slog.Handler { return h }

// filter returns the attributes that may be written, groups made flat, and how
// many may not. One of a known key that is empty is neither.
func (h *Handler) filter(attrs []slog.Attr) (kept []slog.Attr, refused int) {
	for _, a := range attrs {
		value := a.Value.Resolve()
		if value.Kind() == slog.KindGroup {
			inner, n := h.filter(value.Group())
			kept, refused = append(kept, inner...), refused+n
			continue
		}
		if a.Key == "" {
			continue // slog's own rule: an empty attribute is none
		}
		form, known := h.keys[a.Key]
		if known && nothing(value) {
			continue // no error, no reason: there is nothing to write or to refuse
		}
		if value, ok := form.take(value); known && ok {
			kept = append(kept, slog.Attr{Key: a.Key, Value: value})
		} else {
			refused++
		}
	}
	return kept, refused
}

// A Log is the technical log in its folder.
type Log struct {
	*slog.Logger
	file *file
}

// Config of a log.
type Config struct {
	Dir   string // made 0700
	Level slog.Level
	Extra map[string]Form  // keys beyond Keys
	Now   func() time.Time // nil for time.Now; decides only when a month is over
}

// Open opens dir/printroom.log for appending. Months that are over are set
// aside as the log is written. What is too old stays until Expire.
func Open(c Config) (*Log, error) {
	if c.Dir == "" {
		return nil, errors.New("techlog: no folder given")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	f, err := openFile(c.Dir, c.Now)
	if err != nil {
		return nil, err
	}
	json := slog.NewJSONHandler(f, &slog.HandlerOptions{Level: c.Level})
	return &Log{Logger: slog.New(NewHandler(json, c.Extra)), file: f}, nil
}

// Close ends the log; nothing may be written to it afterwards.
func (l *Log) Close() error { return l.file.Close() }
