package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra/doc"
)

// write makes the folder and a page for each command in it. Their date is
// SOURCE_DATE_EPOCH, or today's where that is not set.
func write(dir, version string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the pages: %w", err)
	}
	root := program(version).Command(func() {})
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd() // which cobra adds when it runs
	header := &doc.GenManHeader{Section: "1", Source: "Bjet24 Print Room " + version, Manual: "Bjet24 Print Room"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		return fmt.Errorf("write the pages: %w", err)
	}
	return nil
}

// complete makes the folder and a script for each shell in it, under the names
// that the shells look for.
func complete(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("make the folder for the completions: %w", err)
	}
	root := program("").Command(func() {})
	for name, script := range map[string]func(string) error{
		"printroom":      func(path string) error { return root.GenBashCompletionFileV2(path, true) },
		"_printroom":     root.GenZshCompletionFile,
		"printroom.fish": func(path string) error { return root.GenFishCompletionFile(path, true) },
	} {
		if err := script(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("write the completions: %w", err)
		}
	}
	return nil
}
