package techlog

import (
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"syscall"
)

// A Form is what the value of a key may be.
type Form int

// The forms. Anything that does not fit its key's form is refused.
const (
	Nothing  Form = iota // the form of a key that is not on the list
	ID                   // an opaque id: 1 to 64 letters, digits, '.', '_', ':' or '-', at least one digit
	Code                 // a word of the program: lower-case letters, digits, '_' and '.', 1 to 48
	Number               // integer, float or boolean
	Duration             // written in nanoseconds by slog's JSON handler
	Time                 // an instant
	Cause                // an error: its types and numbers are written, its text never
)

// Keys returns the keys that may be written and the form of each.
func Keys() map[string]Form {
	return map[string]Form{
		"job": ID, "claim": ID, "attempt": ID, "deposit": ID, "receipt": ID, "station": ID, "actor": ID, "request": ID, "printer": ID,
		"version": ID, "code": Code, "reason": Code, "state": Code, "action": Code, "part": Code, "kind": Code,
		"status": Number, "count": Number, "bytes": Number, "page": Number, "pages": Number, "retry": Number,
		"sequence": Number, "device_job": Number, "pid": Number, "signal": Number, "ok": Number,
		"took": Duration, "wait": Duration, "at": Time, "until": Time,
		"error": Cause,
	}
}

// The forms are checked by hand: a regular expression is compiled at every start
// of the program, and the renderer's processes start often.

func isID(s string) bool {
	return len(s) >= 1 && len(s) <= 64 && strings.ContainsAny(s, digits) &&
		strings.Trim(s, "abcdefghijklmnopqrstuvwxyz"+"ABCDEFGHIJKLMNOPQRSTUVWXYZ"+digits+"._:-") == ""
}

func isCode(s string) bool {
	return len(s) >= 1 && len(s) <= 48 && 'a' <= s[0] && s[0] <= 'z' && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz"+digits+"_.") == ""
}

const digits = "0123456789"

// take returns the value to write, and whether it has this form. The digit
// asked of an id keeps out a name that was passed by mistake.
func (f Form) take(v slog.Value) (slog.Value, bool) {
	switch f {
	case ID:
		s, ok := stringOf(v)
		return slog.StringValue(s), ok && isID(s)
	case Code:
		s, ok := stringOf(v)
		return slog.StringValue(s), ok && isCode(s)
	case Number:
		switch v.Kind() {
		case slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindBool:
			return v, true
		}
	case Duration:
		return v, v.Kind() == slog.KindDuration
	case Time:
		return v, v.Kind() == slog.KindTime
	case Cause:
		if err, ok := v.Any().(error); ok && err != nil {
			return slog.StringValue(cause(err)), true
		}
	}
	return slog.Value{}, false
}

// nothing tells a nil and an empty string from values.
func nothing(v slog.Value) bool {
	s, ok := stringOf(v)
	return ok && s == "" || v.Any() == nil
}

// stringOf returns a string, also one of a type of its own, such as a state.
func stringOf(v slog.Value) (string, bool) {
	if v.Kind() == slog.KindString {
		return v.String(), true
	}
	if r := reflect.ValueOf(v.Any()); r.Kind() == reflect.String {
		return r.String(), true
	}
	return "", false
}

// cause describes an error without its text, which may hold a path or a name:
// the type of every error in the chain, innermost last, and a system error's number.
func cause(err error) string {
	const most = 8
	var types []string
	for e := err; e != nil && len(types) < most; e = errors.Unwrap(e) {
		types = append(types, fmt.Sprintf("%T", e))
	}
	s := strings.Join(types, " ")
	if number, ok := errors.AsType[syscall.Errno](err); ok {
		s += fmt.Sprintf(" errno=%d", int(number))
	}
	return s
}
