package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"espero-soft.com/printroom/printer/receipt"
	"espero-soft.com/printroom/sync/station"
	"espero-soft.com/printroom/ui/files"
	"espero-soft.com/printroom/vault/store"
)

// obey carries out one instruction. What is no instruction is a code.
func (w *worker) obey(ctx context.Context, line string) (map[string]any, error) {
	verb, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch verb {
	case "deposit":
		return w.deposit(ctx, rest)
	case "receipt":
		return w.receipt(ctx, rest)
	case "printer":
		return nil, w.room.ChoosePrinter(ctx, rest)
	case "ok", "reprint", "pull":
		return w.decide(ctx, station.Verdict(verb), rest)
	case "takeback":
		return w.takeBack(ctx, rest)
	case "retry":
		return w.retry(ctx, rest)
	case "override":
		return w.override(ctx, rest)
	case "keep":
		return w.keep(ctx, rest)
	case "person":
		return w.handOver(ctx, rest)
	}
	switch line {
	case "claim":
		err := w.room.Claim(ctx)
		return map[string]any{"ready": len(station.InState(w.room.Snapshot().Jobs, store.Ready))}, err
	case "stop":
		w.room.StopBatch()
		return nil, nil
	case "cancel":
		return nil, w.room.CancelLetter(ctx)
	case "deposits":
		return w.deposits(ctx)
	case "push":
		return nil, w.room.Push(ctx)
	case "status":
		return w.status(), nil
	}
	return w.scan(ctx, line)
}

func (w *worker) scan(ctx context.Context, line string) (map[string]any, error) {
	job, err := w.room.Scan(ctx, line)
	var f *station.Fault
	if errors.As(err, &f) && f.Code == station.CodeUnknown {
		err = fmt.Errorf("%q is no instruction, nor a code that this station knows: %w", line, err)
	}
	if err != nil && job.ID == "" {
		return nil, err
	}
	return map[string]any{"job": job.ID, "state": job.State}, err
}

func (w *worker) print(ctx context.Context) error {
	var ids []string
	for _, j := range station.NextBatch(w.room.Snapshot().Jobs) {
		ids = append(ids, j.ID)
	}
	if len(ids) == 0 {
		return nil
	}
	return w.room.PrintBatch(ctx, ids)
}

func (w *worker) deposit(ctx context.Context, dir string) (map[string]any, error) {
	// A deposit that is closed stays so: its slip must have a place first.
	if at, err := os.Stat(dir); err != nil || !at.IsDir() {
		return nil, errors.Join(errors.New("say which directory the slip goes to: deposit DIRECTORY"), err)
	}
	d, err := w.room.Deposit(ctx)
	if err != nil {
		return nil, err
	}
	slip := filepath.Join(dir, d.Number+".pdf")
	if err := files.Replace(slip, files.Bytes(d.Slip)); err != nil {
		return nil, fmt.Errorf("deposit %s is closed, but its slip was not written: %w", d.Number, err)
	}
	return map[string]any{"deposit": d.Number, "pieces": len(d.Attempts), "slip": slip}, nil
}

func (w *worker) deposits(ctx context.Context) (map[string]any, error) {
	views, err := w.room.Deposits(ctx)
	if err != nil {
		return nil, err
	}
	all := []map[string]any{}
	for _, d := range views {
		all = append(all, map[string]any{
			"deposit": d.Number, "closed_at": d.Closed.UTC().Format(time.RFC3339), "pieces": d.Pieces, "registered": d.Registered,
			"receipts": d.Receipts, "proven": d.Proven, "pending": d.Pending(), "acknowledged": d.Acknowledged,
		})
	}
	return map[string]any{"deposits": all}, nil
}

func (w *worker) receipt(ctx context.Context, rest string) (map[string]any, error) {
	number, path, ok := strings.Cut(rest, " ")
	if !ok {
		return nil, errors.New("say which deposit and which file: receipt NUMBER FILE")
	}
	file, err := readBounded(path, receipt.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("read the receipt: %w", err)
	}
	r, err := w.room.AttachReceipt(ctx, number, file)
	matched := 0
	for _, c := range r.Codes {
		if c.Finding == station.FindingMatched {
			matched++
		}
	}
	return map[string]any{"receipt": r.ID, "matched": matched, "missing": r.Missing}, err
}

func (w *worker) status() map[string]any {
	s := w.room.Snapshot()
	jobs, printers := []map[string]any{}, []map[string]any{}
	for _, j := range s.Jobs {
		findings := []string{}
		for _, f := range j.Findings {
			findings = append(findings, string(f))
		}
		jobs = append(jobs, map[string]any{
			"job": j.ID, "product": j.Product, "state": j.State, "attempt": j.Attempt, "number": j.Number, "hold": j.Hold,
			"batch": j.Batch, "order": j.Order, "findings": findings, "scanned": j.Scanned,
		})
	}
	for _, p := range s.Printers {
		printers = append(printers, map[string]any{"printer": p.ID, "name": p.Name, "chosen": p.Chosen, "lamp": p.Lamp})
	}
	return map[string]any{
		"jobs": jobs, "printers": printers, "waiting": s.Waiting, "no_decryption": s.NoDecryption,
		"central": s.Central, "tpm": s.TPM, "journal": s.Journal, "printer": s.Printer,
	}
}
