package room

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// takenOut exports the journal in some way, and has printroom-verify look at it as
// the command says for all journals, else at the one export.
func takenOut(t *testing.T, r *Room, name string, flags ...string) (verify func(more ...string) int) {
	t.Helper()
	dir := t.TempDir()
	code, _, told := said(t, r, "", append([]string{"journal", "export", dir}, flags...)...)
	if code != 0 {
		t.Fatalf("%v: %d, %s", flags, code, told)
	}
	args := []string{"--keys", name + ".vkey", name + ".jsonl"}
	if lines := strings.Split(strings.TrimSpace(told), "\n"); name == "" {
		args = strings.Fields(lines[len(lines)-1])[1:]
	}
	for i, a := range args {
		if a != "--keys" {
			args[i] = filepath.Join(dir, a)
			if info, err := os.Stat(args[i]); err != nil || info.Mode() != 0o600 {
				t.Errorf("%v: %v, %v", flags, info, err)
			}
		}
	}
	return func(more ...string) int {
		t.Helper()
		code, out := checker.verify(t, append(more, args...)...)
		t.Logf("%v %v: %d, %s", flags, more, code, out)
		return code
	}
}

// checkTakenOut wants every way to take the journal out good, with central and
// without it. There is a journal of an earlier enrolment.
func checkTakenOut(t *testing.T, r *Room) {
	t.Helper()
	month := time.Now().UTC().Format("2006-01")
	for _, away := range []bool{false, true} {
		tail := 0
		if away {
			tail = 3
			if err := r.StopCentral(); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name  string
			flags []string
			want  int
		}{
			{"", []string{"--all"}, 0},
			{"", []string{"--all", "--unsealed"}, tail},
			{"journal", []string{"--unsealed"}, tail},
			{"journal-" + month, []string{"--month", month}, 0},
			{"journal-" + month, []string{"--month", month, "--unsealed"}, tail},
		} {
			verify := takenOut(t, r, c.name, c.flags...)
			if code := verify(); code != c.want {
				t.Errorf("%v, central away %v: %d, want %d", c.flags, away, code, c.want)
			}
			if code := verify("--allow-unsealed"); code != 0 {
				t.Errorf("%v, central away %v, allowed: %d", c.flags, away, code)
			}
		}
	}
}
