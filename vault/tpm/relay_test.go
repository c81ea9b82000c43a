package tpm_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// relayTo names the socket to which this program, run by another one's TCTI,
// carries commands.
const relayTo = "TPM_TEST_RELAY"

func TestMain(m *testing.M) {
	if path := os.Getenv(relayTo); path != "" {
		os.Exit(relay(path))
	}
	os.Exit(m.Run())
}

// relay carries a TPM's commands and answers between standard input and output
// and a socket.
func relay(path string) int {
	conn, err := net.Dial("unix", path)
	if err != nil {
		return 1
	}
	go func() {
		_, _ = io.Copy(conn, os.Stdin)
		_ = conn.Close()
	}()
	_, _ = io.Copy(os.Stdout, conn)
	return 0
}

// command is one of tpm2-tools' programs, talking to a software TPM.
func command(t testing.TB, sim *swtpm.TPM, tool string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), tool, args...)
	cmd.Env = append(os.Environ(),
		relayTo+"="+strings.TrimPrefix(sim.Endpoint(), "unix:"),
		"TPM2TOOLS_TCTI=cmd:"+os.Args[0])
	return cmd
}
