package render

import (
	"fmt"
	"os"
	"testing"
)

func procPath(pid int, name string) string { return fmt.Sprintf("/proc/%d/%s", pid, name) }

func procFile(t *testing.T, pid int, name string) string {
	t.Helper()
	b, err := os.ReadFile(procPath(pid, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
