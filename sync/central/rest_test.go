package central

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"espero-soft.com/printroom/sync/wire"
)

// TestCanary sends a letter, a name and a receipt all the way, and looks for them in every file.
func TestCanary(t *testing.T) {
	dir := t.TempDir()
	r := newRoom(t, func(c *Config) { c.Dir = dir })
	ctx := context.Background()
	const canary = "Zoé-Canary-Quetzalcoatl"
	letter := r.letter(0)
	letter.PDF = []byte("%PDF-1.7 " + canary)
	letter.Recipient, letter.Return = []string{canary, "Rue " + canary}, []string{canary}
	job, err := r.Pay(ctx, letter)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.AddPerson(ctx, wire.Person{Pseudonym: "p1", Name: canary, Role: wire.RoleOperator, Language: "fr"}); err != nil {
		t.Fatal(err)
	}
	s, request := r.request("press-1")
	token := request.Token
	e, err := r.client(nil).Enrol(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	if s.activation, err = r.client(nil).Activate(ctx, e.ID, s.answer(t, e)); err != nil {
		t.Fatal(err)
	}
	r.show(s, s.activation.Certificates)
	claim := r.claim(s, 1)
	r.report(s, []wire.Event{r.event(wire.EventAttempt, job, code(1), claim.FencingToken), r.event(wire.EventEnveloped, job, code(1), claim.FencingToken)}, accepted, accepted)
	deposit, receipt := uuid.NewString(), uuid.NewString()
	if _, err := s.Deposit(ctx, deposit, r.depositOf(code(1))); err != nil {
		t.Fatal(err)
	}
	picture := []byte("\xff\xd8\xff" + canary)
	if _, err := s.Receipt(ctx, receipt, wire.ReceiptRequest{Deposit: deposit, MediaType: wire.MediaJPEG, Size: int64(len(picture)), SHA256: hexDigest(picture)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.ReceiptImage(ctx, receipt, wire.MediaJPEG, picture); err != nil {
		t.Fatal(err)
	}
	var files, logs int
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if strings.HasSuffix(path, "-wal") && len(content) > 0 {
			logs++
		}
		for _, secret := range []string{canary, "Quetzalcoatl", token} {
			if bytes.Contains(content, []byte(secret)) {
				t.Errorf("%q stands in %s", secret, filepath.Base(path))
			}
		}
		if info, err := d.Info(); err != nil || (strings.Contains(path, "keys") && info.Mode().Perm() != 0o600) {
			t.Errorf("%s: mode %v %v", filepath.Base(path), info.Mode(), err)
		}
		return nil
	})
	if err != nil || files < 6 || logs != 1 {
		t.Errorf("%d files, %d write-ahead logs: %v", files, logs, err)
	}
}

func TestRestart(t *testing.T) {
	ctx := context.Background()
	config := Config{Dir: t.TempDir()}
	first, err := New(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	job, err := first.Pay(ctx, Letter{PDF: []byte("%PDF"), Product: wire.ProductPriority, Envelope: "c5_6", Pages: 1, CutOff: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(config.Dir, documentDir, uuid.NewString())
	if err := os.WriteFile(orphan, []byte("of a crash"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	second, err := New(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := second.Close(); err != nil {
			t.Error(err)
		}
	}()
	if !second.Authority().Equal(first.Authority()) || second.Witness() != first.Witness() {
		t.Error("the room's keys changed")
	}
	l, err := second.Ledger(ctx)
	if err != nil || len(l.Jobs) != 1 || l.Jobs[0].ID != job {
		t.Errorf("%+v %v", l, err)
	}
	if _, err := os.Stat(orphan); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the orphan: %v", err)
	}
	if files, err := os.ReadDir(filepath.Join(config.Dir, documentDir)); err != nil || len(files) != 1 {
		t.Errorf("%d documents %v", len(files), err)
	}
}

func TestKeyRing(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "ring")
	ring, err := OpenKeyRing(path)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := ring.Wrap(ctx, "job/1", []byte("key"))
	if err != nil {
		t.Fatal(err)
	}
	if err := ring.Rotate(ctx); err != nil {
		t.Fatal(err)
	}
	if ring, err = OpenKeyRing(path); err != nil {
		t.Fatal(err)
	}
	if key, err := ring.Unwrap(ctx, "job/1", wrapped); err != nil || string(key) != "key" {
		t.Errorf("after a rotation: %q %v", key, err)
	}
	if _, err := ring.Unwrap(ctx, "job/2", wrapped); !errors.Is(err, ErrUnwrap) {
		t.Errorf("another purpose: %v", err)
	}
	for i := range wrapped {
		changed := bytes.Clone(wrapped)
		changed[i] ^= 1
		if _, err := ring.Unwrap(ctx, "job/1", changed); err == nil {
			t.Errorf("byte %d changed", i)
		}
		if _, err := ring.Unwrap(ctx, "job/1", wrapped[:i]); err == nil {
			t.Errorf("cut at %d", i)
		}
	}
	newer, err := ring.Wrap(ctx, "job/1", []byte("key"))
	if err != nil || newer[3] != 1 {
		t.Errorf("wrapped by key %d: %v", newer[3], err)
	}
}

func TestBodies(t *testing.T) {
	r := newRoom(t, nil)
	s := r.enrol("press-1")
	for name, c := range map[string]struct {
		method, path, media, body string
		want                      wire.ProblemType
	}{
		"not JSON":       {"POST", "/v1/claims", "application/json", "{", wire.ProblemBadRequest},
		"two values":     {"POST", "/v1/claims", "application/json", "{}{}", wire.ProblemBadRequest},
		"missing":        {"POST", "/v1/claims", "application/json", "{}", wire.ProblemBadRequest},
		"unknown field":  {"POST", "/v1/claims", "application/json", `{"id":"00000000-0000-4000-8000-000000000000","max":1,"x":1}`, wire.ProblemBadRequest},
		"too many":       {"POST", "/v1/claims", "application/json", `{"id":"00000000-0000-4000-8000-000000000000","max":101}`, wire.ProblemBadRequest},
		"upper case id":  {"POST", "/v1/claims", "application/json", `{"id":"00000000-0000-4000-8000-00000000000A","max":1}`, wire.ProblemBadRequest},
		"too large":      {"POST", "/v1/claims", "application/json", strings.Repeat(" ", wire.MaxClaimBody+1), wire.ProblemTooLarge},
		"form":           {"POST", "/v1/claims", "application/x-www-form-urlencoded", "id=1", wire.ProblemMediaType},
		"no type":        {"POST", "/v1/claims", "", "{}", wire.ProblemMediaType},
		"other method":   {"GET", "/v1/claims", "", "", wire.ProblemMethodNotAllowed},
		"no such path":   {"GET", "/v2/claims", "", "", wire.ProblemNotFound},
		"not an id":      {"GET", "/v1/documents/..%2f..%2fkeys%2fkeyring.json", "", "", wire.ProblemNotFound},
		"null":           {"POST", "/v1/events", "application/json", "null", wire.ProblemBadRequest},
		"twice the same": {"PUT", "/v1/deposits/00000000-0000-4000-8000-000000000000", "application/json", `{"attempts":["000000000001A","000000000001A"],"closed_at":"2026-01-02T03:04:05Z","slip_sha256":"` + strings.Repeat("a", 64) + `"}`, wire.ProblemBadRequest},
	} {
		for _, chunked := range []bool{false, true} {
			var body io.Reader = strings.NewReader(c.body)
			if chunked {
				body = io.MultiReader(body)
			}
			req, err := http.NewRequest(c.method, r.url+c.path, body)
			if err != nil {
				t.Fatal(err)
			}
			if c.media != "" {
				req.Header.Set("Content-Type", c.media)
			}
			resp, err := r.raw(s).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			p := wire.DecodeProblem(resp.Body, resp.StatusCode)
			if p.Type != c.want || p.Status != c.want.Status() || resp.Header.Get("Content-Type") != wire.ProblemMedia {
				t.Errorf("%s: %d %v", name, resp.StatusCode, p)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}

// FuzzBodies sends anything to every write: an answer is the contract's or a problem, never "internal".
func FuzzBodies(f *testing.F) {
	f.Add(uint8(0), []byte(`{"id":"00000000-0000-4000-8000-000000000000","token":"0123456789abcdef","ek_certificate":"","ek_chain":[],"ek_public":"","ak":"","pin_kind":"pin_fail","keys":{"doc":"","log":"","tls":""}}`))
	f.Add(uint8(1), []byte(`{"secret":"AA==","certifications":{"doc":{"attest":"","signature":""},"log":{"attest":"","signature":""},"tls":{"attest":"","signature":""}}}`))
	f.Add(uint8(2), []byte(`{"id":"00000000-0000-4000-8000-000000000000"}`))
	f.Add(uint8(3), []byte(`{"id":"00000000-0000-4000-8000-000000000000","person":"p1","code":"AAAAA-AAAAA","request":{"slot":0,"auth":{"nonce":"`+strings.Repeat("A", 44)+`","cp_hash":"`+strings.Repeat("A", 44)+`"},"write":{"nonce":"`+strings.Repeat("A", 44)+`","cp_hash":"`+strings.Repeat("A", 44)+`"}}}`))
	f.Add(uint8(4), []byte(`{"id":"00000000-0000-4000-8000-000000000000","max":1}`))
	f.Add(uint8(7), []byte(`{"events":[{"id":"00000000-0000-4000-8000-000000000000","kind":"held","at":"2026-01-02T03:04:05Z","job":"00000000-0000-4000-8000-000000000000","fencing_token":1}]}`))
	f.Add(uint8(11), []byte(`{"log":"bjet24.example/room/press-1","first":1,"entries":["{}"]}`))
	f.Add(uint8(12), []byte(`{"note":"bjet24.example/room/press-1\n0\n\n\n"}`))
	r := newRoom(f, nil)
	s := r.enrol("press-1")
	leaf, err := x509.ParseCertificate(s.activation.Certificates[0])
	if err != nil {
		f.Fatal(err)
	}
	writes := slices.DeleteFunc(r.operations(), func(o operation) bool { return o.method == http.MethodGet })
	f.Fuzz(func(t *testing.T, n uint8, body []byte) {
		op := writes[int(n)%len(writes)]
		path := strings.Replace(op.path, "{id}", "00000000-0000-4000-8000-000000000001", 1)
		req := httptest.NewRequest(op.method, path, bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		req.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}}
		w := httptest.NewRecorder()
		r.Handler().ServeHTTP(w, req)
		if w.Code >= 500 {
			t.Fatalf("%s: %d %s", op.name, w.Code, w.Body)
		}
		if w.Code >= 400 && !wire.DecodeProblem(w.Body, w.Code).Type.Valid() {
			t.Fatalf("%s: %d and no problem", op.name, w.Code)
		}
	})
}
