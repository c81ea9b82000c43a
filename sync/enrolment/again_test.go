package enrolment

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-tpm/tpm2"

	"espero-soft.com/printroom/sync/client"
	"espero-soft.com/printroom/sync/wire"
	"espero-soft.com/printroom/vault/journal"
	"espero-soft.com/printroom/vault/store"
	"espero-soft.com/printroom/vault/store/eras"
	"espero-soft.com/printroom/vault/tpm"
)

// work writes entries into a station's journal with its keys, and has central
// countersign the first of them.
func (r *room) work(t testing.TB, d *tpm.Device, id Identity, dir string, sealed, unsealed int) {
	t.Helper()
	loaded, err := d.Load(id.Keys)
	noError(t, err)
	c, err := id.Journal(dir, loaded.Log())
	noError(t, err)
	j, err := journal.Open(t.Context(), c)
	noError(t, err)
	record := func(n int) {
		for i := range n {
			noError(t, j.Record(t.Context(), journal.Access{Action: journal.ActionLock, Actor: fmt.Sprintf("p-%d", i)}, journal.OutcomeDone))
		}
	}
	central := r.client(t, &tls.Certificate{Certificate: id.Certificates, PrivateKey: loaded.TLS()})
	if record(sealed); sealed > 0 {
		send(t, central, j, 0)
		note, err := j.Checkpoint(t.Context())
		noError(t, err)
		answer, err := central.JournalCheckpoint(t.Context(), wire.SignedNote{Note: string(note)})
		noError(t, err)
		noError(t, j.Countersigned(t.Context(), []byte(answer.Note)))
	}
	record(unsealed)
	noError(t, j.Close())
}

// send sends what comes after an entry to central.
func send(t testing.TB, c *client.Client, j *journal.Journal, after int64) {
	t.Helper()
	batch, err := j.Entries(t.Context(), after, wire.MaxJournalEntries)
	noError(t, err)
	request := wire.JournalEntries{Log: j.Log(), First: after + 1}
	for _, e := range batch {
		request.Entries = append(request.Entries, string(e))
	}
	size, err := c.JournalEntries(t.Context(), request)
	noError(t, err)
	if size.Size != j.Size() {
		t.Errorf("central holds %d entries of %d", size.Size, j.Size())
	}
}

func clearTPM(t testing.TB, endpoint string) {
	t.Helper()
	raw, err := tpm.Dial(endpoint)
	noError(t, err)
	lockout := tpm2.AuthHandle{Handle: tpm2.TPMRHLockout, Auth: tpm2.HMAC(tpm2.TPMAlgSHA256, 16)}
	_, err = tpm2.Clear{AuthHandle: lockout}.Execute(raw)
	noError(t, errors.Join(err, raw.Close()))
}

func (r *room) again(t testing.TB, c Central, d *tpm.Device, dir string) (Identity, error) {
	t.Helper()
	return Again(t.Context(), c, d, r.central.Authority(), r.token(t, name), dir)
}

// kept is a store on the keys of an identity.
func kept(t testing.TB, d *tpm.Device, id Identity, dir string) *store.Store {
	t.Helper()
	loaded, err := d.Load(id.Keys)
	noError(t, err)
	s, err := store.Open(t.Context(), dir, eras.Of(loaded))
	noError(t, err)
	t.Cleanup(func() { noError(t, s.Close()) })
	return s
}

// TestClearedTPM (fault 15): the error is clear, the station enrols again on
// the data it has, and nothing is lost that another key did not seal.
func TestClearedTPM(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	r.work(t, r.device, before, dir, 3, 2)
	s := kept(t, r.device, before, dir)
	noError(t, s.SetStoreKeyEnvelope(t.Context(), []byte("sealed to K_doc")))
	noError(t, s.SetSetting(t.Context(), "plain", []byte("stays")))
	noError(t, s.Close())

	clearTPM(t, r.chip.Endpoint())
	if _, err := r.device.Load(before.Keys); !errors.Is(err, tpm.ErrCleared) {
		t.Errorf("the keys after it: %v", err)
	}
	id, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	if cmp.Equal(before.Keys, id.Keys) || id.Log != before.Log+"/2" || id.Station != before.Station {
		t.Errorf("log %q of station %q", id.Log, id.Station)
	}
	wantSucceeded(t, r, r.device, before, id, dir)

	s = kept(t, r.device, id, dir)
	if v, err := s.Setting(t.Context(), "plain"); err != nil || string(v) != "stays" {
		t.Errorf("what no key sealed: %q, %v", v, err)
	}
	if _, err := s.StoreKeyEnvelope(t.Context()); !errors.Is(err, store.ErrEra) {
		t.Errorf("what the former keys sealed: %v", err)
	}
	_, err = s.StartOver(t.Context(), "lease_lost")
	noError(t, err)
	noError(t, s.SetStoreKeyEnvelope(t.Context(), []byte("sealed to the new K_doc")))
}

// wantSucceeded looks at a data folder after its station was enrolled again:
// the former journal is aside, named, readable, and central gets the rest of
// it; the new one continues it.
func wantSucceeded(t *testing.T, r *room, d *tpm.Device, before, id Identity, dir string) {
	t.Helper()
	if len(id.Predecessors) == 0 {
		t.Fatal("no predecessor is named")
	}
	p := id.Predecessors[len(id.Predecessors)-1]
	if p.Log != before.Log || p.Dir == "" || p.Size != 3 || p.Checkpoint == "" || id.SetAside != "" {
		t.Errorf("the predecessor is %+v", p)
	}
	loaded, err := d.Load(id.Keys)
	noError(t, err)
	central := r.client(t, &tls.Certificate{Certificate: id.Certificates, PrivateKey: loaded.TLS()})
	former, err := id.OpenPredecessors(t.Context(), dir)
	noError(t, err)
	last := former[len(former)-1]
	if last.Log() != before.Log || last.Size() != 5 || last.Status().Broken != nil {
		t.Errorf("the former journal is %s with %d entries, %v", last.Log(), last.Size(), last.Status().Broken)
	}
	if hash := last.Head().Last; !bytes.Equal(id.Last, hash[:]) {
		t.Error("the new journal does not continue the former one")
	}
	send(t, central, last.Journal, p.Size)
	for _, j := range former {
		noError(t, j.Close())
	}
	r.work(t, d, id, dir, 3, 2)
}

// TestReplacedTPM: another computer's TPM, on this one's disk; and once more,
// so that there are two predecessors.
func TestReplacedTPM(t *testing.T) {
	second, third := startTPM(t), startTPM(t)
	r := newRoom(t, second, third)
	before, dir := r.enrolled(t)
	r.work(t, r.device, before, dir, 3, 2)
	d := open(t, second)
	id, err := r.again(t, r.client(t, nil), d, dir)
	noError(t, err)
	wantSucceeded(t, r, d, before, id, dir)

	d = open(t, third)
	latest, err := r.again(t, r.client(t, nil), d, dir)
	noError(t, err)
	wantSucceeded(t, r, d, id, latest, dir)
	var names []string
	for _, p := range latest.Predecessors {
		names = append(names, p.Dir+" "+p.Log)
	}
	if d := cmp.Diff([]string{"journal-1 " + before.Log, "journal-2 " + id.Log}, names); d != "" {
		t.Error(d)
	}
}

// On the TPM that still has them the keys are enrolled again: what they sealed
// opens as before.
func TestAgainWithTheSameKeys(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	r.work(t, r.device, before, dir, 3, 2)
	s := kept(t, r.device, before, dir)
	noError(t, s.SetStoreKeyEnvelope(t.Context(), []byte("sealed to K_doc")))
	noError(t, s.Close())
	id, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	if d := cmp.Diff(before.Keys, id.Keys); d != "" {
		t.Error(d)
	}
	wantSucceeded(t, r, r.device, before, id, dir)
	if v, err := kept(t, r.device, id, dir).StoreKeyEnvelope(t.Context()); err != nil || string(v) != "sealed to K_doc" {
		t.Errorf("what they sealed: %q, %v", v, err)
	}
}

// Another room took over: its policy key is another one, so the keys are new,
// and what the former ones sealed ends, though this TPM could open it.
func TestAgainUnderAnotherPolicyKey(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	s := kept(t, r.device, before, dir)
	noError(t, s.SetStoreKeyEnvelope(t.Context(), []byte("sealed to K_doc")))
	noError(t, s.Close())
	other := newRoom(t, r.chip)
	id, err := Again(t.Context(), other.client(t, nil), r.device, other.central.Authority(), other.token(t, name), dir)
	noError(t, err)
	if cmp.Equal(before.Keys, id.Keys) {
		t.Error("the keys are the former ones")
	}
	if _, err := kept(t, r.device, id, dir).StoreKeyEnvelope(t.Context()); !errors.Is(err, store.ErrEra) {
		t.Errorf("what the former keys sealed: %v", err)
	}
}

// TestAgainFails: whatever goes wrong, the station is what it was.
func TestAgainFails(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	r.work(t, r.device, before, dir, 1, 1)
	clearTPM(t, r.chip.Endpoint())
	unchanged := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
		if id, err := Load(dir); err != nil || !cmp.Equal(before, id) {
			t.Errorf("%s: the identity was changed: %v", what, err)
		}
		if _, err := os.Stat(filepath.Join(dir, journalName+"-1")); err == nil {
			t.Errorf("%s: the journal was set aside", what)
		}
	}
	for i, c := range failures(r.client(t, nil)) {
		_, err := r.again(t, c, r.device, dir)
		unchanged(fmt.Sprintf("central fails at request %d", i), err, client.ErrUnreachable)
	}
	_, err := Again(t.Context(), r.client(t, nil), r.device, r.central.Authority(), r.token(t, "press-2"), dir)
	unchanged("another station's token", err, ErrStation)
	_, err = Again(t.Context(), r.client(t, nil), r.device, r.central.Authority(), "no token of this room's", dir)
	unchanged("no token", err, wire.ProblemTokenRefused)
	garbled := altered{r.client(t, nil), func(a *wire.Activation) { a.Certificates = nil }}
	_, err = r.again(t, garbled, r.device, dir)
	unchanged("garbled answers", err, ErrCertificates)
	if _, err := r.again(t, r.client(t, nil), r.device, t.TempDir()); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("a folder without a station: %v", err)
	}
	_, err = r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
}

// A power cut between the steps of setting the journal aside: the next start
// ends as if there had been none.
func TestAgainIsCutOff(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	r.work(t, r.device, before, dir, 3, 2)
	done, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	cut := done
	cut.SetAside = done.Predecessors[0].Dir
	aside := filepath.Join(dir, cut.SetAside)
	for what, step := range map[string]func(){
		"kept, not renamed":  func() { noError(t, os.Rename(aside, filepath.Join(dir, journalName))) },
		"renamed, not noted": func() {},
	} {
		step()
		noError(t, cut.Save(dir))
		for range 2 {
			id, err := Load(dir)
			noError(t, err)
			if d := cmp.Diff(done, id); d != "" {
				t.Errorf("%s: %s", what, d)
			}
		}
		if _, err := os.Stat(filepath.Join(dir, journalName)); err == nil {
			t.Errorf("%s: the former journal is still in the new one's place", what)
		}
		if _, err := os.Stat(aside); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	wantSucceeded(t, r, r.device, before, done, dir)
	// Once noted, it is never done again, whatever becomes of the earlier one.
	noError(t, os.RemoveAll(aside))
	if _, err := Load(dir); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); err != nil {
		t.Errorf("the journal that is written: %v", err)
	}
	if former, err := done.OpenPredecessors(t.Context(), dir); err == nil || len(former) != 0 {
		t.Errorf("%d journals are open, %v", len(former), err)
	}
}

// A journal that can't be read is set aside as it is.
func TestAgainWithABrokenJournal(t *testing.T) {
	r := newRoom(t)
	_, dir := r.enrolled(t)
	noError(t, os.MkdirAll(filepath.Join(dir, journalName), 0o700))
	garbage := bytes.Repeat([]byte("no database"), 1000)
	noError(t, os.WriteFile(filepath.Join(dir, journalName, "journal.db"), garbage, 0o600))
	clearTPM(t, r.chip.Endpoint())
	id, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	if len(id.Predecessors) != 1 || id.Predecessors[0].Dir != journalName+"-1" {
		t.Errorf("predecessors %+v", id.Predecessors)
	}
	if have, err := os.ReadFile(filepath.Join(dir, journalName+"-1", "journal.db")); err != nil || !bytes.Equal(have, garbage) {
		t.Errorf("%d bytes of it are kept, %v", len(have), err)
	}
	if all, err := id.OpenPredecessors(t.Context(), dir); err == nil || len(all) != 0 {
		t.Errorf("%d journals are open, %v", len(all), err)
	}
	r.work(t, r.device, id, dir, 1, 0)
}

// A station that never journaled has nothing to set aside; what central knows
// of it is named all the same. So is it on a new disk.
func TestAgainWithoutAJournal(t *testing.T) {
	r := newRoom(t)
	before, dir := r.enrolled(t)
	id, err := r.again(t, r.client(t, nil), r.device, dir)
	noError(t, err)
	want := []Predecessor{{Log: before.Log}}
	if d := cmp.Diff(want, id.Predecessors); d != "" || id.SetAside != "" {
		t.Errorf("%s, set aside %q", d, id.SetAside)
	}
	fresh, _ := r.enrolled(t)
	if d := cmp.Diff([]Predecessor{{Log: id.Log}}, fresh.Predecessors); d != "" {
		t.Error(d)
	}
	if all, err := fresh.OpenPredecessors(context.Background(), t.TempDir()); err != nil || len(all) != 0 {
		t.Errorf("%d journals, %v", len(all), err)
	}
}
