package report

import (
	"bufio"
	"encoding/json"
	"io"
	"time"

	"espero-soft.com/printroom/vault/journal"
)

// head is what stands before the accesses.
type head struct {
	Report string    `json:"report"`
	Log    string    `json:"log"`
	Made   string    `json:"made"`
	By     string    `json:"by,omitempty"`
	Filter selection `json:"filter"`
	State  state     `json:"journal"`
	Hours  []hour    `json:"hours"`
}

type selection struct {
	Actor   string `json:"actor,omitempty"`
	Object  string `json:"object,omitempty"`
	Action  string `json:"action,omitempty"`
	From    string `json:"from,omitempty"`
	To      string `json:"to,omitempty"`
	Unusual bool   `json:"unusual,omitempty"`
}

type state struct {
	Entries    int64  `json:"entries"`
	Start      int64  `json:"start,omitempty"`
	Verified   int64  `json:"verified"`
	VerifiedAt string `json:"verified_at,omitempty"`
	Signed     int64  `json:"signed"`
	Sealed     int64  `json:"sealed"`
	SealedAt   string `json:"sealed_at,omitempty"`
	Broken     string `json:"broken,omitempty"`
}

type hour struct {
	Start    string `json:"start"`
	Actor    string `json:"actor,omitempty"`
	Accesses int64  `json:"accesses"`
	Unusual  int64  `json:"unusual,omitempty"`
	Open     int64  `json:"open,omitempty"`
}

type access struct {
	Sequence   int64          `json:"sequence"`
	Time       string         `json:"time,omitempty"`
	Actor      string         `json:"actor,omitempty"`
	Action     string         `json:"action,omitempty"`
	Object     string         `json:"object,omitempty"`
	Attempt    string         `json:"attempt,omitempty"`
	Pages      string         `json:"pages,omitempty"`
	Reason     string         `json:"reason,omitempty"`
	Outcome    string         `json:"outcome,omitempty"`
	Result     int64          `json:"result,omitempty"`
	Ended      string         `json:"ended,omitempty"`
	Unusual    []journal.Rule `json:"unusual,omitempty"`
	Conclusion *conclusion    `json:"conclusion,omitempty"`
	Damaged    bool           `json:"damaged,omitempty"`
}

type conclusion struct {
	Sequence int64  `json:"sequence"`
	Time     string `json:"time"`
	Actor    string `json:"actor,omitempty"`
	Reason   string `json:"reason,omitempty"`
}

// writeJSON writes one object; the accesses, its last field, stand one to a
// line, and never all in memory.
func writeJSON(w io.Writer, c Content) (n int64, err error) {
	out := bufio.NewWriter(w)
	start, err := json.Marshal(headOf(c))
	if err != nil {
		return 0, err
	}
	// A bufio.Writer keeps its first error for Flush.
	_, _ = out.Write(start[:len(start)-1])
	_, _ = out.WriteString(`,"accesses":[`)
	for row, err := range c.Rows {
		if err != nil {
			return 0, err
		}
		line, err := json.Marshal(accessOf(row))
		if err != nil {
			return 0, err
		}
		if n++; n > 1 {
			_ = out.WriteByte(',')
		}
		_ = out.WriteByte('\n')
		_, _ = out.Write(line)
	}
	_, _ = out.WriteString("\n]}\n")
	return n, out.Flush()
}

func headOf(c Content) head {
	s, f := c.Status, c.Filter
	h := head{
		Report: "Bjet24 print room journal report, version 1", Log: c.Log, Made: stamp(c.Made), By: c.By,
		Filter: selection{f.Actor, f.Object, string(f.Action), stamp(f.From), stamp(f.To), f.Unusual},
		State: state{Entries: s.Entries, Start: c.Start.Size, Verified: s.Verified, VerifiedAt: stamp(s.VerifiedAt),
			Signed: s.Signed, Sealed: s.Sealed, SealedAt: stamp(s.SealedAt)},
		Hours: []hour{},
	}
	if s.Broken != nil {
		h.State.Broken = s.Broken.Error()
	}
	for _, x := range c.Hours {
		h.Hours = append(h.Hours, hour{x.Start.UTC().Format(time.RFC3339), x.Actor, x.Accesses, x.Unusual, x.Open})
	}
	return h
}

func accessOf(r journal.Row) access {
	a := access{
		Sequence: r.Sequence, Time: stamp(r.Time), Actor: r.Actor, Action: string(r.Action), Object: r.Object,
		Attempt: r.Attempt, Pages: r.Pages, Reason: r.Reason, Outcome: string(r.Outcome), Result: r.Result, Ended: stamp(r.Ended),
		Unusual: r.Rules, Damaged: r.Damaged,
	}
	if c := r.Conclusion; c != nil {
		a.Conclusion = &conclusion{c.Sequence, stamp(c.Time), c.Actor, c.Reason}
	}
	return a
}
