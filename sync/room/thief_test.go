package room

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/tpm"
	"espero-soft.com/printroom/vault/tpm/swtpm"
)

// guess gives a wrong PIN n times and wants the given answers.
func guess(t *testing.T, r *Room, said *complaints, n int, last string) {
	t.Helper()
	for i := range n {
		want := "wrong_pin"
		if i == n-1 {
			want = last
		}
		if w, err := r.Work(t.Context(), "p1", "111222"); err == nil {
			t.Fatalf("a wrong PIN opened the station: %v", w.Quit())
		}
		if !strings.Contains(said.String(), "("+want+":") {
			t.Errorf("the wrong PIN no %d: %s, want %s", i+1, said, want)
		}
	}
}

// TestFiveWrongPINs: after five of them a person's PIN is of no use, also the
// right one and after a power cut; nobody else's is, and a code from central
// makes a new one.
func TestFiveWrongPINs(t *testing.T) {
	r, said := openRoom(t, Options{PINs: []string{"p1", "p2"}})
	guess(t, r, said, tpm.PINLimit, "wrong_pin")
	refused(t, r, said, PIN("p1"), "pin_blocked")
	cutPower(t, r)
	refused(t, r, said, PIN("p1"), "pin_blocked")
	w, err := r.Work(t.Context(), "p2", PIN("p2"))
	if err != nil {
		t.Fatalf("the other person is locked out: %v\n%s", err, said)
	}
	quit(t, w)
	if err := r.SetPIN(t.Context(), "p1", "605317"); err != nil {
		t.Fatal(err)
	}
	if w, err = r.Work(t.Context(), "p1", "605317"); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	quit(t, w)
}

// cutPower ends the TPM without a word and starts it again.
func cutPower(t *testing.T, r *Room) {
	t.Helper()
	if err := r.TPM.Cut(); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.TPM, err = swtpm.Start(t.Context(), r.tpmDir()); err != nil {
		t.Fatal(err)
	}
}

// TestPowerCutsInUse: ten of them while a person is at work lock nobody out.
func TestPowerCutsInUse(t *testing.T) {
	r, _ := openRoom(t, Options{})
	for range 10 {
		w := work(t, r)
		if err := w.Kill(); err != nil {
			t.Fatal(err)
		}
		cutPower(t, r)
	}
	quit(t, work(t, r))
}

// TestStolenDisk: a data folder with another TPM opens nothing, whatever PIN is given.
func TestStolenDisk(t *testing.T) {
	r, said := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	if err := r.StopCentral(); err != nil {
		t.Fatal(err)
	}
	thief := filepath.Join(t.TempDir(), "tpm")
	if err := os.Mkdir(thief, 0o700); err != nil {
		t.Fatal(err)
	}
	other, err := swtpm.Start(t.Context(), thief)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Stop() })
	swapTPM(t, r, other.Endpoint())
	refused(t, r, said, PIN("p1"), "tpm_cleared")
}

// swapTPM writes another endpoint into the station's settings.
func swapTPM(t *testing.T, r *Room, endpoint string) {
	t.Helper()
	text, err := os.ReadFile(r.Config)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), r.TPM.Endpoint(), endpoint, 1)
	if err := os.WriteFile(r.Config, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestPlaceMadeAnew: whoever has the TPM owner's authorisation deletes a
// person's place and makes it again with a PIN of their own: nothing opens by it.
func TestPlaceMadeAnew(t *testing.T) {
	r, said := openRoom(t, Options{Letters: 1})
	w := work(t, r)
	do(t, w, "claim")
	quit(t, w)
	redefine(t, r)
	if w, err := r.Work(t.Context(), "p1", PIN("p1")); err == nil {
		t.Fatalf("a place that was made anew opens the station: %v", w.Quit())
	}
	if !strings.Contains(said.String(), "(pin_foreign:") {
		t.Errorf("it said %q", said)
	}
	if !has(t, r, "unlock p1 failed pin_foreign") {
		t.Error("no entry says so")
	}
	if err := r.SetPIN(t.Context(), "p1", PIN("p1")); err != nil {
		t.Fatal(err)
	}
	w = work(t, r)
	do(t, w, "print")
	if got := states(t, w); got[store.DeviceDone] != 1 {
		t.Errorf("%v: the letter that was here is lost", got)
	}
	quit(t, w)
}

// redefine is the owner's deed: the same place, an empty PIN.
func redefine(t *testing.T, r *Room) {
	t.Helper()
	link, err := tpm.Dial(r.TPM.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = link.Close() }()
	const place tpm2.TPMHandle = 0x018B2400
	public, err := tpm2.NVReadPublic{NVIndex: place}.Execute(link)
	if err != nil {
		t.Fatal(err)
	}
	owner := tpm2.AuthHandle{Handle: tpm2.TPMRHOwner, Auth: tpm2.PasswordAuth(nil)}
	_, err = tpm2.NVUndefineSpace{AuthHandle: owner, NVIndex: tpm2.NamedHandle{Handle: place, Name: public.NVName}}.Execute(link)
	if err != nil {
		t.Fatal(err)
	}
	area, err := public.NVPublic.Contents()
	if err != nil {
		t.Fatal(err)
	}
	area.Attributes.Written = false
	if _, err = (tpm2.NVDefineSpace{AuthHandle: owner, PublicInfo: tpm2.New2B(*area)}).Execute(link); err != nil {
		t.Fatal(err)
	}
}
