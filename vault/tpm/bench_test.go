package tpm_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/rand"
	"testing"

	"espero-soft.com/printroom/vault/tpm"
)

// BenchmarkUnlock is what an unlock and the first opening cost: the keys
// loaded from their blobs, then one key exchange.
func BenchmarkUnlock(b *testing.B) {
	d := openTPM(b, startTPM(b, b.TempDir()))
	_, ks := newKeys(b, d)
	pin := pinAt(b, 0, goodPIN)
	for b.Loop() {
		k, err := d.Load(ks)
		if err != nil {
			b.Fatal(err)
		}
		exchange(b, k.Doc(pin))
	}
	perOperation(b, d)
}

func BenchmarkExchange(b *testing.B) {
	d := openTPM(b, startTPM(b, b.TempDir()))
	k, _ := newKeys(b, d)
	doc := k.Doc(pinAt(b, 0, goodPIN))
	for b.Loop() {
		exchange(b, doc)
	}
	perOperation(b, d)
}

// BenchmarkCheckPIN is what a second person's PIN costs.
func BenchmarkCheckPIN(b *testing.B) {
	d := openTPM(b, startTPM(b, b.TempDir()))
	k, _ := newKeys(b, d)
	pin := pinAt(b, 0, goodPIN)
	for b.Loop() {
		if err := k.CheckPIN(pin); err != nil {
			b.Fatal(err)
		}
	}
	perOperation(b, d)
}

func BenchmarkSign(b *testing.B) {
	d := openTPM(b, startTPM(b, b.TempDir()))
	k, _ := newKeys(b, d)
	for b.Loop() {
		if _, err := k.TLS().Sign(rand.Reader, make([]byte, 32), crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
	perOperation(b, d)
}

func BenchmarkCreateKeys(b *testing.B) {
	d := openTPM(b, startTPM(b, b.TempDir()))
	for b.Loop() {
		if _, err := d.CreateKeys(&policyKey().PublicKey); err != nil {
			b.Fatal(err)
		}
	}
	perOperation(b, d)
}

func exchange(b *testing.B, x ecdh.KeyExchanger) {
	b.Helper()
	if _, err := x.ECDH(x.PublicKey()); err != nil {
		b.Fatal(err)
	}
}

// perOperation reports commands, where a real TPM's time goes.
func perOperation(b *testing.B, d *tpm.Device) {
	o := d.Operations()
	b.ReportMetric(float64(o.Commands)/float64(b.N), "commands/op")
	b.ReportMetric(float64(o.Keys())/float64(b.N), "keyops/op")
}
