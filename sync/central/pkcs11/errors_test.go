package pkcs11

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/miekg/pkcs11"
)

func TestOpenRefuses(t *testing.T) {
	k := newToken(t)
	notALibrary := filepath.Join(k.dir, "pin")
	k.write("open", pin, 0o640)
	k.write("empty", "\n", 0o600)
	k.write("lines", pin+"\n"+pin+"\n", 0o600)
	k.write("long", strings.Repeat("1", maxPIN+1), 0o600)
	if err := os.Symlink(k.dir, filepath.Join(k.dir, "link")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Config)
		want   error
	}{
		"no library":         {func(c *Config) { c.Module = filepath.Join(k.dir, "none.so") }, ErrModule},
		"a relative library": {func(c *Config) { c.Module = "libsofthsm2.so" }, ErrModule},
		"not a library":      {func(c *Config) { c.Module = notALibrary }, ErrModule},
		"no label":           {func(c *Config) { c.Token = "" }, ErrToken},
		"no such token":      {func(c *Config) { c.Token = "another" }, ErrToken},
		"no PIN file":        {func(c *Config) { c.PINFile = filepath.Join(k.dir, "none") }, ErrPINFile},
		"others may read it": {func(c *Config) { c.PINFile = filepath.Join(k.dir, "open") }, ErrPINFile},
		"an empty PIN file":  {func(c *Config) { c.PINFile = filepath.Join(k.dir, "empty") }, ErrPINFile},
		"two lines":          {func(c *Config) { c.PINFile = filepath.Join(k.dir, "lines") }, ErrPINFile},
		"a long PIN":         {func(c *Config) { c.PINFile = filepath.Join(k.dir, "long") }, ErrPINFile},
		"a directory":        {func(c *Config) { c.PINFile = filepath.Join(k.dir, "link") }, ErrPINFile},
	} {
		config := k.settings()
		c.change(&config)
		if _, err := Open(t.Context(), config); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Two tokens of one name: which is meant is not guessed.
	k.util("--init-token", "--free", "--label", wanted, "--so-pin", soPIN, "--pin", pin)
	if _, err := Open(t.Context(), k.settings()); !errors.Is(err, ErrToken) {
		t.Errorf("two tokens of one name: %v", err)
	}
}

// TestWrongPINIsShownOnce: a server that is asked again and again does not lock the token.
func TestWrongPINIsShownOnce(t *testing.T) {
	k := newToken(t)
	kms := k.open()
	k.write("pin", "00000000\n", 0o600)
	if err := kms.module.Finalize(); err != nil {
		t.Fatal(err)
	}
	if _, err := kms.Wrap(t.Context(), "p", nil); !errors.Is(err, ErrWrongPIN) {
		t.Errorf("a wrong PIN: %v", err)
	}
	refused := kms.refused
	for range 20 {
		if _, err := kms.Wrap(t.Context(), "p", nil); !errors.Is(err, ErrWrongPIN) || !strings.Contains(err.Error(), "before") {
			t.Fatalf("the same PIN again: %v", err)
		}
	}
	if kms.refused != refused || refused == ([32]byte{}) {
		t.Error("the refused PIN was shown again")
	}
	k.write("pin", pin, 0o600)
	if _, err := kms.Wrap(t.Context(), "p", nil); err != nil {
		t.Errorf("the right PIN: %v", err)
	}
}

// TestTokenState: what SoftHSM never says, as it locks no token, and others do.
func TestTokenState(t *testing.T) {
	const ready = pkcs11.CKF_USER_PIN_INITIALIZED
	for flags, want := range map[uint]error{
		ready: nil, ready | pkcs11.CKF_USER_PIN_COUNT_LOW: nil, ready | pkcs11.CKF_USER_PIN_LOCKED: ErrLocked,
		ready | pkcs11.CKF_USER_PIN_FINAL_TRY: ErrLastTry, 0: ErrToken,
	} {
		if err := mayLogIn(flags); !errors.Is(err, want) {
			t.Errorf("flags %#x: %v", flags, err)
		}
	}
	for code, want := range map[uint]error{
		pkcs11.CKR_PIN_INCORRECT: ErrWrongPIN, pkcs11.CKR_PIN_LEN_RANGE: ErrWrongPIN, pkcs11.CKR_PIN_LOCKED: ErrLocked,
		pkcs11.CKR_USER_PIN_NOT_INITIALIZED: ErrToken, pkcs11.CKR_USER_ALREADY_LOGGED_IN: nil,
	} {
		if err := refusal(pkcs11.Error(code)); !errors.Is(err, want) {
			t.Errorf("code %#x: %v", code, err)
		}
	}
	if err := refusal(pkcs11.Error(pkcs11.CKR_DEVICE_REMOVED)); !lost(err) {
		t.Errorf("a token that went while logging in: %v", err)
	}
}
