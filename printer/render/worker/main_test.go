package worker

import (
	"fmt"
	"os"
	"testing"
)

// modes are what the test binary does instead of testing, by its argument.
var modes = map[string]func() int{
	Arg:                  Main,
	"probe-all":          func() int { return probe(confine) },
	"probe-landlock":     func() int { return probe(noFiles) },
	"probe-seccomp":      func() int { return probe(fewCalls) },
	"probe-none":         func() int { return probe(func() error { return nil }) },
	"without-landlock":   func() int { return without("landlock_create_ruleset") },
	"without-seccomp":    func() int { return without("seccomp") },
	"without-threadsync": withoutThreadSync,
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		if f, ok := modes[os.Args[1]]; ok {
			os.Exit(f())
		}
	}
	os.Exit(m.Run())
}

// probe confines the process, tries everything and prints what each answered.
func probe(confine func() error) int {
	if err := confine(); err != nil {
		fmt.Println("confine", err)
		return 1
	}
	for _, p := range probes {
		fmt.Printf("%s=%d\n", p.name, p.try())
	}
	return 0
}
