package pkcs11

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

const (
	pin    = "87654321"
	soPIN  = "12345678"
	wanted = "printroom"
)

// token is a SoftHSM token in a directory of its own.
type token struct {
	t              testing.TB
	dir            string
	module, config string
}

// module is where Debian's packages put the library.
func module(t testing.TB) string {
	t.Helper()
	for _, path := range []string{"/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	t.Fatal("SoftHSM is not installed: packaging/system-packages.sh test")
	return ""
}

func newToken(t testing.TB) *token {
	t.Helper()
	k := &token{t: t, dir: t.TempDir(), module: module(t)}
	k.config = filepath.Join(k.dir, "softhsm2.conf")
	if err := os.Mkdir(k.tokens(), 0o700); err != nil {
		t.Fatal(err)
	}
	k.write("softhsm2.conf", fmt.Sprintf("directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", k.tokens()), 0o600)
	t.Setenv("SOFTHSM2_CONF", k.config)
	k.util("--init-token", "--free", "--label", wanted, "--so-pin", soPIN, "--pin", pin)
	k.write("pin", pin+"\n", 0o600)
	return k
}

func (k *token) tokens() string { return filepath.Join(k.dir, "tokens") }

func (k *token) write(name, text string, mode os.FileMode) {
	k.t.Helper()
	path := filepath.Join(k.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		k.t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		k.t.Fatal(err)
	}
}

func (k *token) util(args ...string) {
	k.t.Helper()
	if out, err := exec.Command("softhsm2-util", args...).CombinedOutput(); err != nil {
		k.t.Fatalf("softhsm2-util: %v\n%s", err, out)
	}
}

func (k *token) settings() Config {
	return Config{Module: k.module, Token: wanted, PINFile: filepath.Join(k.dir, "pin")}
}

func (k *token) open() *KMS {
	k.t.Helper()
	kms, err := Open(k.t.Context(), k.settings())
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() {
		if err := kms.Close(); err != nil {
			k.t.Errorf("close: %v", err)
		}
	})
	return kms
}
