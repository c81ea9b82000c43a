package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// document is bench.json.
type document struct {
	Machine string    `json:"machine"`
	Rows    []jsonRow `json:"rows"`
}

type jsonRow struct {
	Row    string     `json:"row"`
	Name   string     `json:"name"`
	Ours   float64    `json:"ours"`
	Peer   float64    `json:"peer"`
	Unit   string     `json:"unit"`
	Ratio  float64    `json:"ratio"`
	Goal   float64    `json:"goal"`
	Runs   int        `json:"runs"`
	Spread [2]float64 `json:"spread"` // smallest and largest ratio of one pair of runs
}

func writeJSON(path, machine string, figures []figure) error {
	d := document{Machine: machine, Rows: []jsonRow{}}
	for _, f := range figures {
		d.Rows = append(d.Rows, jsonRow{
			Row: f.row.id, Name: f.row.name, Unit: "s", Ours: round(f.ours.Seconds()), Peer: round(f.peer.Seconds()),
			Ratio: round(f.ratio()), Goal: f.row.goal, Runs: f.runs,
			Spread: [2]float64{round(f.ratios[0]), round(f.ratios[len(f.ratios)-1])},
		})
	}
	data, err := json.MarshalIndent(d, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}

// round keeps four significant digits.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// table is the figures for a terminal, then the notes.
func table(machine string, figures []figure) string {
	rows := [][]string{{"row", "ours", "peer", "ratio", "spread", "goal", "", "name"}}
	for _, f := range figures {
		verdict := "met"
		if f.ratio() > f.row.goal {
			verdict = "missed"
		}
		rows = append(rows, []string{f.row.id, short(f.ours), short(f.peer), fmt.Sprintf("%.3g", f.ratio()),
			fmt.Sprintf("%.3g–%.3g", f.ratios[0], f.ratios[len(f.ratios)-1]), fmt.Sprintf("%.3g", f.row.goal), verdict, f.row.name})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n\n%s\nours ÷ peer, smaller is better; medians of runs in turn, the spread is that of single pairs\n", machine, columns(rows))
	for _, f := range figures {
		fmt.Fprintf(&b, "%s: peer: %s", f.row.id, f.row.peer)
		if f.note != "" {
			fmt.Fprintf(&b, "; %s", f.note)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// columns sets rows below each other, every column as wide as its widest cell.
func columns(rows [][]string) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			line += cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", d.Seconds()*1e3)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// thisMachine says where it was measured, as far as the system tells.
func thisMachine() string {
	parts := []string{fmt.Sprintf("%d × %s", runtime.NumCPU(), processor())}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		parts = append(parts, runtime.GOOS+" "+strings.TrimSpace(string(release)))
	}
	return strings.Join(append(parts, runtime.Version()), ", ")
}

func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
