package verify

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"espero-soft.com/printroom/vault/journal/checkpoint"
)

// Options are further demands on an export.
type Options struct {
	// Anchor is a countersigned checkpoint from elsewhere, such as central's
	// last one. The export must cover it: an export that ends before it, or has
	// other entries up to there, is refused. Nil demands nothing.
	Anchor []byte
}

// Export reads a log's export: entries, one to a line, and a last line with the
// countersigned checkpoint that covers exactly them. It returns nil only if
// every byte is as it was written; a refusal is a *Fault and an ErrRefused,
// and anything else is an error of reading or of the options. Memory is flat.
func Export(r io.Reader, keys Keys, opts Options) (Report, error) {
	x := exporter{keys: keys, chain: NewChain("")}
	if keys.Station == nil || len(keys.Witnesses) == 0 {
		return Report{}, errors.New("verify: the station's key and the witness's are needed")
	}
	if opts.Anchor != nil {
		anchor, err := keys.Open(opts.Anchor)
		if err != nil {
			return Report{}, fmt.Errorf("verify: the given checkpoint: %w", err)
		}
		x.anchor = &anchor
	}
	x.chain.log = keys.Station.Name()
	err := x.read(r)
	report := x.report()
	report.OK = err == nil
	var fault *Fault
	if errors.As(err, &fault) {
		report.Fault = fault
	}
	return report, err
}

type exporter struct {
	keys     Keys
	anchor   *checkpoint.Checkpoint
	anchored bool // the anchor was reached and agrees
	chain    *Chain
	line     int64
	first    string
	sealed   *checkpoint.Checkpoint
}

func (x *exporter) read(r io.Reader) error {
	in := bufio.NewReaderSize(r, maxLine+1)
	for x.sealed == nil {
		line, err := x.next(in)
		if err != nil {
			return err
		}
		if err := x.checkAnchor(); err != nil {
			return err
		}
		if bytes.HasPrefix(line, []byte(sealStart)) {
			err = x.seal(line)
		} else {
			err = x.entry(line)
		}
		if err != nil {
			return err
		}
	}
	x.line++
	if _, err := in.ReadByte(); err == nil {
		return x.fault(0, nil, "something follows the checkpoint")
	} else if err != io.EOF {
		return fmt.Errorf("read the export: %w", err)
	}
	x.line--
	if x.anchor != nil && !x.anchored {
		return x.fault(0, nil, "the export ends at entry %d, before the given checkpoint of %d", x.chain.Size(), x.anchor.Size)
	}
	return nil
}

// next is the next line without its newline; it is valid until the call after.
func (x *exporter) next(in *bufio.Reader) ([]byte, error) {
	x.line++
	line, err := in.ReadSlice('\n')
	switch {
	case err == nil:
		return line[:len(line)-1], nil
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, x.fault(0, nil, "longer than any line of an export")
	case err != io.EOF:
		return nil, fmt.Errorf("read the export: %w", err)
	case len(line) == 0:
		return nil, x.fault(0, nil, "the export ends without a checkpoint")
	default:
		return nil, x.fault(0, nil, "the export ends inside a line")
	}
}

func (x *exporter) entry(line []byte) error {
	f, err := x.chain.add(line)
	if err == nil && x.first == "" {
		x.first = string(f.time)
	}
	return err // its line is its sequence
}

// checkAnchor compares the entries so far with the anchor when they reach it.
func (x *exporter) checkAnchor() error {
	if x.anchor == nil || x.anchored || x.chain.Size() != x.anchor.Size {
		return nil
	}
	if root := x.chain.Root(); root != x.anchor.Root {
		return x.fault(0, nil, "the entries before are not those of the given checkpoint of %d", x.anchor.Size)
	}
	x.anchored = true
	return nil
}

func (x *exporter) seal(line []byte) error {
	note, err := unseal(line)
	if err != nil {
		return x.fault(0, err, "not a checkpoint line as it is written: %v", err)
	}
	c, err := x.keys.Open(note)
	if err != nil {
		return x.fault(0, err, "%v", err)
	}
	size, root := x.chain.Size(), x.chain.Root()
	if c.Size != size {
		return x.fault(0, nil, "the checkpoint covers %d entries and the export has %d", c.Size, size)
	}
	if c.Root != root {
		x.line = max(size, 1)
		return x.fault(size, nil, "the entries are not those that were signed: this last one was changed, or the chain was written anew")
	}
	x.sealed = &c
	return nil
}

func (x *exporter) fault(sequence int64, cause error, format string, a ...any) error {
	return &Fault{Line: x.line, Sequence: sequence, What: fmt.Sprintf(format, a...), err: cause}
}

func (x *exporter) report() Report {
	r := Report{
		Log:     x.chain.Log(),
		Entries: x.chain.Size(),
		Root:    x.chain.Root().String(),
		First:   x.first,
		Counts:  x.chain.Counts(),
	}
	if x.chain.Size() > 0 {
		r.Last = string(x.chain.lastTime[:])
	}
	if p := x.chain.Predecessor(); p != (tlog.Hash{}) {
		r.Predecessor = p.String()
	}
	if x.sealed != nil {
		if at, ok := checkpoint.CosignedAt(*x.sealed); ok {
			r.SealedAt = &at
		}
	}
	return r
}
