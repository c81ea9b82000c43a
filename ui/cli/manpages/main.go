// Command manpages writes what an installed program comes with: the manual pages
// of its commands, one file a command, section 1, and the completions for the
// shells. It is not part of the program.
//
//	go run ./ui/cli/manpages PAGES COMPLETIONS
package main

import (
	"errors"
	"fmt"
	"os"

	"espero-soft.com/printroom/sync/settings"
	"espero-soft.com/printroom/ui/cli"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: manpages PAGES COMPLETIONS")
		os.Exit(2)
	}
	if err := errors.Join(write(os.Args[1], settings.Version), complete(os.Args[2])); err != nil {
		fmt.Fprintln(os.Stderr, "manpages:", err)
		os.Exit(1)
	}
}

// program is what the pages are about; nothing of it runs.
func program(version string) *cli.Program { return &cli.Program{Version: version} }
