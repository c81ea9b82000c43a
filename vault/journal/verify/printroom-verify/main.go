// Command printroom-verify checks an export of a print room's access log
// without the print room:
//
//	printroom-verify --keys journal.vkey [--checkpoint note] [--json] journal.jsonl
//
// or a report of it against the note that was signed with it:
//
//	printroom-verify --keys journal.vkey --note report.pdf.note [--json] report.pdf
//
// "-" reads the export or report from standard input. Exit codes:
//
//	0  the export ends with a countersigned checkpoint that covers all its
//	   entries, and every byte is as it was written; the report is the one
//	   that the station signed
//	1  refused; the first bad line and entry are named
//	2  wrong usage, or a file that can't be read
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	exitOK      = 0
	exitRefused = 1
	exitUsage   = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("printroom-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	keyFile := flags.String("keys", "", "`file` with the station's and the witness's verifier keys")
	anchorFile := flags.String("checkpoint", "", "`file` with a countersigned checkpoint that the export must cover")
	noteFile := flags.String("note", "", "`file` with the note of a report: a report is checked instead of an export")
	asJSON := flags.Bool("json", false, "report as JSON")
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: printroom-verify --keys journal.vkey [--checkpoint note] [--json] journal.jsonl\n"+
			"       printroom-verify --keys journal.vkey --note report.note [--json] report")
		flags.PrintDefaults()
	}
	names, err := parse(flags, args)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUsage
	}
	if *keyFile == "" || len(names) != 1 || *noteFile != "" && *anchorFile != "" {
		flags.Usage()
		return exitUsage
	}
	var tell func() error
	if *noteFile != "" {
		var note verify.FileNote
		note, err = checkReport(*keyFile, *noteFile, names[0], stdin)
		tell = func() error { return writeNote(stdout, note, err, *asJSON) }
	} else {
		var report verify.Report
		report, err = check(*keyFile, *anchorFile, names[0], stdin)
		tell = func() error { return write(stdout, report, *asJSON) }
	}
	return conclude(err, tell, stderr)
}

// conclude tells the finding and gives the exit code.
func conclude(err error, tell func() error, stderr io.Writer) int {
	if err != nil && !errors.Is(err, verify.ErrRefused) {
		_, _ = fmt.Fprintln(stderr, "printroom-verify:", err)
		return exitUsage
	}
	if werr := tell(); werr != nil {
		_, _ = fmt.Fprintln(stderr, "printroom-verify:", werr)
		return exitUsage
	}
	if err != nil {
		return exitRefused
	}
	return exitOK
}

// parse allows flags after the export's name too.
func parse(flags *flag.FlagSet, args []string) (names []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		if flags.NArg() == 0 {
			return names, nil
		}
		names = append(names, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func readKeys(keyFile string) (verify.Keys, error) {
	b, err := readSmall(keyFile, verify.MaxKeys)
	if err != nil {
		return verify.Keys{}, err
	}
	return verify.ParseKeys(b)
}

func check(keyFile, anchorFile, name string, stdin io.Reader) (verify.Report, error) {
	keys, err := readKeys(keyFile)
	if err != nil {
		return verify.Report{}, err
	}
	var opts verify.Options
	if anchorFile != "" {
		if opts.Anchor, err = readSmall(anchorFile, checkpoint.MaxNote); err != nil {
			return verify.Report{}, err
		}
	}
	if name == "-" {
		return verify.Export(stdin, keys, opts)
	}
	f, err := os.Open(name)
	if err != nil {
		return verify.Report{}, err
	}
	report, err := verify.Export(f, keys, opts)
	return report, errors.Join(err, f.Close())
}

func readSmall(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if int64(len(b)) > limit {
		return nil, fmt.Errorf("%s: longer than %d bytes", name, limit)
	}
	return b, nil
}

func write(w io.Writer, r verify.Report, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		return out.Encode(r)
	}
	if r.Fault != nil {
		_, err := fmt.Fprintf(w, "REFUSED  %v\n", r.Fault)
		return err
	}
	_, err := fmt.Fprintf(w, "OK  %s: %d entries, from %s to %s, countersigned %s\n",
		r.Log, r.Entries, orDash(r.First), orDash(r.Last), r.SealedAt.Format(time.RFC3339))
	if err == nil && r.Counts.ClockBack > 0 {
		_, err = fmt.Fprintf(w, "    the clock went back %d times; the order of the entries holds\n", r.Counts.ClockBack)
	}
	return err
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
