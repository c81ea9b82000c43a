//go:build long

package mail

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/printer/receipt"
)

func numbers(seed int64, n int) []string {
	var out []string
	for i := range n {
		out = append(out, string(tracking(seed, i, i%3 == 2)))
	}
	return out
}

func TestReceiptIsDeterministic(t *testing.T) {
	first, err := ReceiptImage(5, "B24-20261122-0001", numbers(5, 4))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ReceiptImage(5, "B24-20261122-0001", numbers(5, 4)); err != nil || !bytes.Equal(first, again) {
		t.Fatalf("not the same bytes, %v", err)
	}
	if _, err := ReceiptImage(5, "B24-1", numbers(5, MaxReceiptNumbers+1)); err == nil {
		t.Error("too many numbers are accepted")
	}
}

// Scans turned up to 10 degrees, noisy and faint: our reader finds at least 99
// of 100 codes and no fewer than zbarimg, and invents none.
func TestReceiptsAreRead(t *testing.T) {
	truth, ours, peer := 0, 0, 0
	var spent time.Duration
	for i, d := range []Receipt{
		{}, {Angle: 0.4, Noise: 1, Ink: 1}, {Angle: 5, Noise: 15, Ink: 0.5}, {Angle: -10, Noise: 8, Ink: 0.25}, {Angle: 2, Noise: 30, Ink: 0.8},
	} {
		d.Seed, d.Deposit, d.Numbers, d.PNG = int64(i), fmt.Sprintf("B24-20261122-%04d", i), numbers(int64(i), 6+i*5), i%2 == 1
		data, err := d.Encode()
		if err != nil {
			t.Fatal(err)
		}
		img, err := receipt.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		codes, err := receipt.Read(context.Background(), img)
		if err != nil {
			t.Fatal(err)
		}
		spent += time.Since(start)
		want := map[string]bool{d.Deposit: true}
		for _, n := range d.Numbers {
			want[n] = true
		}
		truth += len(want)
		out, err := tool(t, "zbarimg", "-q", "--raw", file(t, "scan", data))
		if err != nil && !strings.Contains(err.Error(), "status 4") { // 4: no code
			t.Fatalf("zbarimg: %v", err)
		}
		n := 0
		for _, line := range strings.Fields(out) {
			if want[line] {
				n++
			}
		}
		peer += n
		m := 0
		for _, c := range codes {
			if !want[c.Text] {
				t.Errorf("scan %d: invented %s %q", i, c.Symbology, c.Text)
			}
			if want[c.Text] {
				m++
				delete(want, c.Text)
			}
		}
		ours += m
		t.Logf("scan %d (%.1f degrees, noise %.0f, ink %.2f): %d codes, ours %d, zbarimg %d; missing %v", i, d.Angle, d.Noise, d.Ink, len(d.Numbers)+1, m, n, want)
	}
	t.Logf("%d of %d, zbarimg %d, %v a scan", ours, truth, peer, spent/5)
	if ours*100 < truth*99 || ours < peer || peer == 0 {
		t.Errorf("read %d of %d, zbarimg %d", ours, truth, peer)
	}
}
