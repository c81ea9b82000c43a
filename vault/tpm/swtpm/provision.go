package swtpm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// provision makes dir's state and authority if they are not there yet and
// returns the authority's certificate. The marker file comes last, so that a
// set-up that was interrupted starts over.
func provision(ctx context.Context, dir string) (ca []byte, err error) {
	certificate, marker := filepath.Join(dir, "ca", "issuercert.pem"), filepath.Join(dir, "ready")
	if _, err := os.Stat(marker); err == nil {
		return os.ReadFile(certificate)
	} else if !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	for _, sub := range []string{"state", "ca"} {
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return nil, err
		}
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	if ca, err = makeAuthority(filepath.Join(dir, "ca")); err != nil {
		return nil, fmt.Errorf("certificate authority: %w", err)
	}
	if err := writeConfig(dir); err != nil {
		return nil, err
	}
	if err := manufacture(ctx, dir); err != nil {
		return nil, err
	}
	return ca, os.WriteFile(marker, nil, 0o600)
}

// writeConfig writes swtpm_setup's and swtpm_localca's own files into dir, so
// that nothing of /etc or the user's home is read or made.
func writeConfig(dir string) error {
	localca, err := exec.LookPath("swtpm_localca")
	if err != nil {
		return fmt.Errorf("package swtpm-tools: %w", err)
	}
	at := func(parts ...string) string { return filepath.Join(append([]string{dir}, parts...)...) }
	files := map[string][]string{
		"localca.conf": {
			"statedir = " + at("ca"),
			"signingkey = " + at("ca", "signkey.pem"),
			"issuercert = " + at("ca", "issuercert.pem"),
			"certserial = " + at("ca", "certserial"),
		},
		"localca.options": {
			"--platform-manufacturer Bjet24", "--platform-version 1", "--platform-model PrintRoom",
		},
		"setup.conf": {
			"create_certs_tool = " + localca,
			"create_certs_tool_config = " + at("localca.conf"),
			"create_certs_tool_options = " + at("localca.options"),
			"active_pcr_banks = sha256",
		},
	}
	for name, lines := range files {
		if err := os.WriteFile(at(name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// manufacture makes the TPM's state with its endorsement keys and
// certificates: RSA 2048 at NV 0x01c00002 and, swtpm's choice, P-384 at
// 0x01c00016.
func manufacture(ctx context.Context, dir string) (err error) {
	// swtpm_setup puts a unix socket of its own into TMPDIR.
	scratch, err := shortDir()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	log := filepath.Join(dir, "setup.log")
	cmd := exec.CommandContext(ctx, "swtpm_setup", "--tpm2",
		"--tpmstate", filepath.Join(dir, "state"),
		"--config", filepath.Join(dir, "setup.conf"),
		"--create-ek-cert", "--logfile", log, "--pcr-banks", "-")
	cmd.Env = append(os.Environ(), "TMPDIR="+scratch)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("swtpm_setup: %w", ctx.Err())
	}
	details, readErr := os.ReadFile(log)
	return fmt.Errorf("swtpm_setup: %w\n%s%s", errors.Join(err, readErr), out, details)
}
