package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"espero-soft.com/printroom/vault/journal"
)

// header names the columns, as the entries' own fields are called.
func header() []string {
	return []string{"sequence", "time", "actor", "action", "object", "attempt", "pages", "reason", "outcome",
		"result", "ended", "unusual", "concluded", "concluded_by", "conclusion"}
}

// writeCSV writes RFC 4180: a header, CRLF, quotes where they are needed.
func writeCSV(w io.Writer, c Content) (n int64, err error) {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(header()); err != nil {
		return 0, err
	}
	for row, err := range c.Rows {
		if err != nil {
			return 0, err
		}
		if err := out.Write(record(row)); err != nil {
			return 0, err
		}
		n++
	}
	out.Flush()
	return n, out.Error()
}

func record(r journal.Row) []string {
	rules := make([]string, len(r.Rules))
	for i, rule := range r.Rules {
		rules[i] = string(rule)
	}
	outcome := string(r.Outcome)
	if r.Damaged {
		outcome = "damaged"
	}
	fields := []string{
		number(r.Sequence), stamp(r.Time), r.Actor, string(r.Action), r.Object, r.Attempt, r.Pages, r.Reason, outcome,
		number(r.Result), stamp(r.Ended), strings.Join(rules, " "), "", "", "",
	}
	if c := r.Conclusion; c != nil {
		fields[12], fields[13], fields[14] = stamp(c.Time), c.Actor, c.Reason
	}
	for i := range fields {
		fields[i] = harmless(fields[i])
	}
	return fields
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// harmless keeps a spreadsheet from taking a field for a formula. No field of
// an entry starts so; a damaged journal's might.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}
