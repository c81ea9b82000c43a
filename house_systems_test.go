package main

import (
	"os"
	"os/exec"
	"testing"
)

// What holds keys and secrets is written for Windows too. Nobody runs it here,
// but it compiles, its tests included.
func TestWindowsCompiles(t *testing.T) {
	for _, task := range []string{"build", "vet"} {
		cmd := exec.CommandContext(t.Context(), "go", task, "./vault/tpm", "./vault/memory")
		cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s for Windows: %v\n%s", task, err, out)
		}
	}
}
