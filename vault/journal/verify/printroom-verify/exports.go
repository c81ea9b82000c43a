package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

// exports reads the exports and tells the finding, which is also the error.
func (q request) exports(stdin io.Reader, stdout io.Writer) error {
	x, err := q.prepare()
	if err != nil {
		return err
	}
	for _, name := range q.names {
		err := read(name, stdin, func(r io.Reader) error { return x.Read(name, r) })
		if errors.Is(err, verify.ErrRefused) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	result, finding := x.Result()
	if q.asJSON {
		err = writeJSON(stdout, result)
	} else {
		_, err = io.WriteString(stdout, tell(result, q.unsealed))
	}
	if err != nil {
		return err
	}
	return finding
}

func (q request) prepare() (*verify.Exports, error) {
	var keys []verify.Keys
	for _, file := range q.keys {
		k, err := readKeys(file)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	opts := verify.Options{AllowUnsealed: q.unsealed}
	for _, file := range q.anchors {
		note, err := readSmall(file, checkpoint.MaxNote)
		if err != nil {
			return nil, err
		}
		opts.Anchors = append(opts.Anchors, note)
	}
	return verify.NewExports(keys, opts)
}

func writeJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(v)
}

// tell is the finding for people.
func tell(result verify.Result, allowed bool) string {
	var b strings.Builder
	for i, r := range result.Exports {
		if r.Fault == nil && r.Log != "" {
			tellExport(&b, r, len(result.Exports) > 1)
			if last := i+1 == len(result.Exports) || result.Exports[i+1].Log != r.Log; last {
				tellAccesses(&b, r)
			}
			tellUnsealed(&b, r, allowed)
		}
	}
	if f := result.Fault; f != nil {
		fmt.Fprintf(&b, "REFUSED  %s: %v\n", f.Export, f)
		means, do := advice(f.Kind)
		fmt.Fprintf(&b, "    What it means: %s\n    What to do: %s\n", means, do)
	}
	return b.String()
}

func tellExport(b *strings.Builder, r verify.Report, several bool) {
	word, name, after, sealed := "OK", "", "", ""
	if !r.OK {
		word = "UNSEALED"
	}
	if several {
		name = r.Name + ": "
	}
	if r.After > 0 {
		after = fmt.Sprintf(" after entry %d", r.After)
	}
	if r.SealedAt != nil {
		sealed = ", countersigned " + r.SealedAt.Format(time.RFC3339)
	}
	fmt.Fprintf(b, "%s  %s%s: %d entries%s, from %s to %s%s\n", word, name, r.Log, r.Entries, after, orDash(r.First), orDash(r.Last), sealed)
	if r.Counts.ClockBack > 0 {
		fmt.Fprintf(b, "    the clock went back %d times; the order of the entries holds\n", r.Counts.ClockBack)
	}
	if r.CoveredBy != "" {
		fmt.Fprintf(b, "    its last entries are countersigned in %s\n", r.CoveredBy)
	}
}

// tellAccesses tells of the log up to its last export.
func tellAccesses(b *strings.Builder, r verify.Report) {
	if s := r.NoResult; s.Count > 0 {
		fmt.Fprintf(b, "    intents without a result, so the access possibly occurred: %d (entries %s)\n", s.Count, listed(s))
	}
	if s := r.NoIntent; s.Count > 0 {
		fmt.Fprintf(b, "    results of an entry that is no intent, or has its result: %d (entries %s)\n", s.Count, listed(s))
	}
	if r.Uncounted > 0 {
		fmt.Fprintf(b, "    intents from entry %d on were not counted: there are too many without a result\n", r.Uncounted)
	}
}

func tellUnsealed(b *strings.Builder, r verify.Report, allowed bool) {
	if r.Unsealed == 0 {
		return
	}
	if r.Sealed == 0 {
		b.WriteString("    nothing in it is countersigned: either central never signed this log yet, or the checkpoint was cut off\n")
	}
	last := r.After + r.Entries
	which := fmt.Sprintf("the last %d entries, %d to %d, are", r.Unsealed, last-r.Unsealed+1, last)
	if r.Unsealed == 1 {
		which = fmt.Sprintf("the last entry, %d, is", last)
	}
	fmt.Fprintf(b, "    %s not countersigned: who controls the station can still change or drop what is not\n", which)
	if !allowed {
		b.WriteString("    What to do: have an export made later, when central has countersigned them; or let them pass with --allow-unsealed\n")
	}
}

func listed(s verify.Sequences) string {
	text := strings.Trim(strings.ReplaceAll(fmt.Sprint(s.First), " ", ", "), "[]")
	if s.Count > int64(len(s.First)) {
		text += ", …"
	}
	return text
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
