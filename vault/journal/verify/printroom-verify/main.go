// Command printroom-verify checks exports of a print room's access log without
// the print room:
//
//	printroom-verify --keys journal.vkey [--checkpoint note] [--allow-unsealed] [--json] journal.jsonl...
//
// or a report of it against the note that was signed with it:
//
//	printroom-verify --keys journal.vkey --note report.pdf.note [--json] report.pdf
//
// The constant help says the rest.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"espero-soft.com/printroom/vault/journal/verify"
)

const (
	exitOK       = 0
	exitRefused  = 1
	exitUsage    = 2
	exitUnsealed = 3
)

const usage = `usage: printroom-verify --keys FILE [--checkpoint FILE] [--allow-unsealed] [--json] EXPORT...
       printroom-verify --keys FILE --note FILE [--json] REPORT
`

const help = usage + `
Checks exports of a print room's access journal, or a report of it against its note,
without the print room. "-" is standard input. Several exports are read in the order
in which they are given, the oldest first: each must go on where the one before ended,
or be of the log that took over from that one. docs/journal.md is the format.

  --keys FILE        the station's and the witness's verifier keys (journal.vkey). Have
                     them from central, not from who sent the export. Once for each log
                     that the exports are of; several of one log are taken together.
  --checkpoint FILE  a countersigned checkpoint from elsewhere, such as central's last
                     one: the log must have the same entries up to there, and reach it.
                     So an old copy is noticed. Once for each log.
  --allow-unsealed   take entries after the last countersignature too, told apart.
  --note FILE        check a report against this note of it.
  --json             say it as JSON.

Exit codes:
  0  good: every byte is as it was written, and a countersigned checkpoint covers all
     entries (or --allow-unsealed lets the rest pass); the report is the one signed
  1  refused: the export, the line, the entry, what is wrong and what to do are told
  2  wrong usage, or a file that can't be read
  3  all that is countersigned is good, and entries follow that are not countersigned
`

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// A request is what the command line asks for.
type request struct {
	keys, anchors list
	note          string
	unsealed      bool
	asJSON        bool
	names         []string
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string { return strings.Join(*l, ", ") }

func (l *list) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	q, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		_, err = io.WriteString(stdout, help)
	case err != nil:
		err = fmt.Errorf("%w\n%s", err, usage)
	case q.note != "":
		err = q.report(stdin, stdout)
	default:
		err = q.exports(stdin, stdout)
	}
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, verify.ErrRefused):
		return exitRefused
	case errors.Is(err, verify.ErrUnsealed):
		return exitUnsealed
	}
	_, _ = fmt.Fprintln(stderr, "printroom-verify:", strings.TrimSuffix(err.Error(), "\n"))
	return exitUsage
}

// parse allows flags after the names too.
func parse(args []string) (q request, err error) {
	flags := flag.NewFlagSet("printroom-verify", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // run tells
	flags.Var(&q.keys, "keys", "")
	flags.Var(&q.anchors, "checkpoint", "")
	flags.StringVar(&q.note, "note", "", "")
	flags.BoolVar(&q.unsealed, "allow-unsealed", false, "")
	flags.BoolVar(&q.asJSON, "json", false, "")
	for {
		if err := flags.Parse(args); err != nil {
			return q, err
		}
		if flags.NArg() == 0 {
			return q, q.check()
		}
		q.names = append(q.names, flags.Arg(0))
		args = flags.Args()[1:]
	}
}

func (q request) check() error {
	piped := 0
	for _, name := range q.names {
		if name == "-" {
			piped++
		}
	}
	switch {
	case len(q.keys) == 0:
		return errors.New("no keys are given")
	case len(q.names) == 0:
		return errors.New("nothing to check is given")
	case slices.Contains(q.names, ""):
		return errors.New("a name is empty")
	case piped > 1:
		return errors.New("standard input is given twice")
	case q.note != "" && (len(q.names) != 1 || len(q.keys) != 1 || len(q.anchors) != 0 || q.unsealed):
		return errors.New("with --note go one report, one key file, and no more than --json")
	}
	return nil
}

func readKeys(file string) (verify.Keys, error) {
	b, err := readSmall(file, verify.MaxKeys)
	if err != nil {
		return verify.Keys{}, err
	}
	k, err := verify.ParseKeys(b)
	if err != nil {
		return verify.Keys{}, fmt.Errorf("%s: %w", file, err)
	}
	return k, nil
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

// read gives the named file, or standard input, to each.
func read(name string, stdin io.Reader, each func(io.Reader) error) error {
	if name == "-" {
		return each(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(each(f), f.Close())
}
