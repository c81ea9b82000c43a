package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"espero-soft.com/printroom/sync/wire"
)

const id = "00000000-0000-4000-8000-000000000000"

// against gives a client of a TLS 1.3 server with this handler.
func against(t *testing.T, timeout time.Duration, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Only once the body is read does net/http tell the handler that the client is gone.
		if _, err := wire.Read(r.Body, 1<<20); err != nil {
			return
		}
		handler(w, r)
	}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	server.StartTLS()
	c, err := New(Config{BaseURL: server.URL, Authorities: Fixed(server.Certificate()), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		server.CloseClientConnections()
		server.Close()
	})
	return c
}

func TestConfig(t *testing.T) {
	for _, url := range []string{"", "http://central", "https://", "https://u:p@central", "https://central/v1", "https://central?x", "://"} {
		if _, err := New(Config{BaseURL: url, Authorities: Fixed()}); err == nil {
			t.Errorf("%q was accepted", url)
		}
	}
	if _, err := New(Config{BaseURL: "https://central"}); err == nil {
		t.Error("no authority was accepted: the system's would be trusted")
	}
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		want    error
		retry   bool
	}{
		"garbage":    {says(200, "<html>"), ErrAnswer, true},
		"another id": {says(200, `{"id":"other","jobs":[]}`), ErrAnswer, true},
		"too many":   {says(200, `{"id":"`+id+`","jobs":[{},{}]}`), ErrAnswer, true},
		"no key":     {says(200, `{"id":"`+id+`","jobs":[{}]}`), ErrAnswer, true},
		"endless":    {endless, ErrAnswer, true},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://elsewhere/", http.StatusTemporaryRedirect)
		}, ErrAnswer, true},
		"busy proxy":    {says(502, "<html>"), wire.ProblemBlank, true},
		"problem":       {says(409, `{"type":"urn:bjet24:problem:id-reused","title":"t","status":409}`), wire.ProblemIDReused, false},
		"cut":           {cut, ErrUnreachable, true},
		"slow":          {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, context.DeadlineExceeded, true},
		"many headers":  {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, ErrUnreachable, true},
		"problem of MB": {says(400, `{"type":"urn:x","detail":"`+strings.Repeat("x", 1<<20)), wire.ProblemBlank, false},
	} {
		client := against(t, 2*time.Second, c.handler)
		_, err := client.Claim(context.Background(), wire.ClaimRequest{ID: id, Max: 1})
		if !errors.Is(err, c.want) || Retryable(err) != c.retry {
			t.Errorf("%s: retry %v, %v", name, Retryable(err), err)
		}
	}
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func endless(w http.ResponseWriter, _ *http.Request) {
	for {
		if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
			return
		}
	}
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"id":"`))
	panic(http.ErrAbortHandler)
}

func TestUnreachableAndCancelled(t *testing.T) {
	c, err := New(Config{BaseURL: "https://127.0.0.1:1", Authorities: Fixed()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Staff(context.Background()); !errors.Is(err, ErrUnreachable) || !Retryable(err) {
		t.Errorf("nobody listens: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	waiting := against(t, time.Minute, func(_ http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	if _, err := waiting.Staff(ctx); !errors.Is(err, context.Canceled) || Retryable(err) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestVerdictsMatchEvents(t *testing.T) {
	for _, body := range []string{
		`{"verdicts":[]}`, `{"verdicts":[{"id":"other","verdict":"accepted"}]}`,
		`{"verdicts":[{"id":"` + id + `","verdict":"maybe"}]}`, `{"verdicts":[{"id":"` + id + `","verdict":"refused"}]}`,
	} {
		c := against(t, time.Second, says(200, body))
		if _, err := c.Report(context.Background(), wire.EventBatch{Events: []wire.Event{{ID: id}}}); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// TestSlowUpload: a picture may take longer than the timeout, as long as it moves.
func TestSlowUpload(t *testing.T) {
	const timeout = time.Second
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for { // at some 16 MiB/s
			n, err := io.CopyN(io.Discard, r.Body, 1<<20)
			if n == 0 || (err != nil && !errors.Is(err, io.EOF)) {
				break
			}
			time.Sleep(60 * time.Millisecond)
		}
		says(201, `{"id":"`+id+`","image":true}`)(w, r)
	}))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
	server.StartTLS()
	defer server.Close()
	c, err := New(Config{BaseURL: server.URL, Authorities: Fixed(server.Certificate()), Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.ReceiptImage(context.Background(), id, wire.MediaJPEG, make([]byte, wire.MaxReceiptImage)); err != nil {
		t.Error(err)
	}
}

// sealed is a document and a server of it that can misbehave.
type sealed struct {
	content []byte
	doc     wire.Document
	most    int // bytes sent before the connection is cut; 0: all
	ignore  bool
	seen    []string // Range headers
}

func newSealed() *sealed {
	s := &sealed{content: bytes.Repeat([]byte("ciphertext "), 10000)}
	sum := sha256.Sum256(s.content)
	s.doc = wire.Document{ID: id, Size: int64(len(s.content)), SHA256: hex.EncodeToString(sum[:])}
	return s
}

func (s *sealed) serve(w http.ResponseWriter, r *http.Request) {
	s.seen = append(s.seen, r.Header.Get("Range"))
	w.Header().Set("ETag", strconv.Quote(s.doc.SHA256))
	if s.ignore {
		r.Header.Del("Range")
	}
	if s.most == 0 {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
		return
	}
	from := 0
	_, _ = fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
	w.Header().Set("Content-Length", strconv.Itoa(len(s.content)-from))
	if from > 0 {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(s.content)-1, len(s.content)))
		w.WriteHeader(206)
	}
	_, _ = w.Write(s.content[from:min(from+s.most, len(s.content))])
	if from+s.most < len(s.content) {
		panic(http.ErrAbortHandler)
	}
}

func TestDownloadFileResumes(t *testing.T) {
	s := newSealed()
	s.most = 60000
	c := against(t, 5*time.Second, s.serve)
	path := filepath.Join(t.TempDir(), "letter")
	err := c.DownloadFile(context.Background(), s.doc, path)
	if !errors.Is(err, ErrUnreachable) || !Retryable(err) {
		t.Fatalf("cut: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a document has its name: %v", err)
	}
	if err := c.DownloadFile(context.Background(), s.doc, path); err != nil {
		t.Fatal(err)
	}
	if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, s.content) {
		t.Errorf("%d bytes %v", len(have), err)
	}
	if len(s.seen) != 2 || s.seen[0] != "" || !strings.HasPrefix(s.seen[1], "bytes=") {
		t.Errorf("ranges asked for: %q", s.seen)
	}
}

func TestDownloadOfOtherBytes(t *testing.T) {
	s := newSealed()
	c := against(t, 5*time.Second, s.serve)
	path := filepath.Join(t.TempDir(), "letter")
	// What was held is another document's.
	if err := os.WriteFile(path+".part", []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := c.DownloadFile(context.Background(), s.doc, path)
	if !errors.Is(err, ErrDigest) || Retryable(err) {
		t.Fatalf("%v", err)
	}
	if err := c.DownloadFile(context.Background(), s.doc, path); err != nil {
		t.Errorf("from the start: %v", err)
	}
	// A server that knows no ranges starts over.
	s.ignore = true
	if err := os.WriteFile(path+".part", []byte("something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.DownloadFile(context.Background(), s.doc, path); err != nil {
		t.Errorf("without ranges: %v", err)
	}
	wrong := s.doc
	wrong.SHA256 = strings.Repeat("0", 64)
	if err := c.DownloadFile(context.Background(), wrong, path); !errors.Is(err, ErrAnswer) {
		t.Errorf("another ETag: %v", err)
	}
	for _, size := range []int64{0, wire.MaxDocument + 1, s.doc.Size - 1} {
		wrong = s.doc
		wrong.Size = size
		if err := c.DownloadFile(context.Background(), wrong, path); err == nil {
			t.Errorf("a document of %d bytes", size)
		}
	}
}

func TestDownloadStalls(t *testing.T) {
	s := newSealed()
	c := against(t, 300*time.Millisecond, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", strconv.Quote(s.doc.SHA256))
		w.Header().Set("Content-Length", strconv.FormatInt(s.doc.Size, 10))
		for i := range 4 { // slower in all than the timeout, but never silent for so long
			_, _ = w.Write(s.content[i*1000 : (i+1)*1000])
			_ = http.NewResponseController(w).Flush()
			time.Sleep(100 * time.Millisecond)
		}
		<-r.Context().Done()
	})
	f, err := os.Create(filepath.Join(t.TempDir(), "part"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	held, err := c.Download(context.Background(), s.doc, f, 0)
	if held != 4000 || !errors.Is(err, context.DeadlineExceeded) || !Retryable(err) {
		t.Errorf("%d bytes, %v", held, err)
	}
}

func TestDownloadToFullDisk(t *testing.T) {
	s := newSealed()
	c := against(t, 5*time.Second, s.serve)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = full.Close() }()
	if _, err := c.Download(context.Background(), s.doc, full, 0); err == nil || errors.Is(err, ErrUnreachable) || Retryable(err) {
		t.Errorf("%v", err)
	}
}
