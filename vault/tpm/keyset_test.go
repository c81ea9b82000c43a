package tpm_test

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/tpm"
)

func TestKeySetRefusals(t *testing.T) {
	d := openTPM(t, startTPM(t, t.TempDir()))
	_, good := newKeys(t, d)
	foreign, err := x509.MarshalPKIXPublicKey(&otherKey(t).PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for what, edit := range map[string]func(*tpm.KeySet){
		"another policy key": func(ks *tpm.KeySet) { ks.Policy = foreign },
		"no policy key":      func(ks *tpm.KeySet) { ks.Policy = nil },
		"a longer one":       func(ks *tpm.KeySet) { ks.Policy = append(ks.Policy[:len(ks.Policy):len(ks.Policy)], 0) },
		"no kind":            func(ks *tpm.KeySet) { ks.PINKind = "" },
		"another kind":       func(ks *tpm.KeySet) { ks.PINKind = "pin_pass" },
		"no parent":          func(ks *tpm.KeySet) { ks.Parent = nil },
		"swapped keys":       func(ks *tpm.KeySet) { ks.Keys[0], ks.Keys[1] = ks.Keys[1], ks.Keys[0] },
	} {
		ks := good
		edit(&ks)
		if err := ks.Check(); !errors.Is(err, tpm.ErrKeySet) {
			t.Errorf("%s: %v", what, err)
		}
		if _, err := d.Load(ks); !errors.Is(err, tpm.ErrKeySet) {
			t.Errorf("%s: load: %v", what, err)
		}
	}
}

func TestKeySetJSON(t *testing.T) {
	_, ks := newKeys(t, openTPM(t, startTPM(t, t.TempDir())))
	data, err := json.Marshal(ks)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"version":2`, `"parent":"`, `"policy":"`, `"pin_kind":"pin_fail"`, `"doc":{`, `"log":{`, `"tls":{`} {
		if !strings.Contains(string(data), field) {
			t.Errorf("no %s in %s", field, data)
		}
	}
	var read tpm.KeySet
	if err := json.Unmarshal(data, &read); err != nil || !cmp.Equal(ks, read) {
		t.Errorf("read back: %v %s", err, cmp.Diff(ks, read))
	}
	for _, stored := range []string{
		strings.Replace(string(data), `"version":2`, `"version":1`, 1),
		strings.Replace(string(data), `"version":2,`, ``, 1),
		strings.Replace(string(data), `"pin_kind":"pin_fail",`, ``, 1),
	} {
		if err := json.Unmarshal([]byte(stored), &read); !errors.Is(err, tpm.ErrKeySet) {
			t.Errorf("%.60s: %v", stored, err)
		}
	}
}
