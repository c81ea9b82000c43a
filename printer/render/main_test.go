package render

import (
	"os"
	"testing"

	"espero-soft.com/printroom/printer/render/worker"
)

// TestMain lets the test binary be run again as a worker, or as one of the
// hostile ones in fake_test.go.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 {
		if os.Args[1] == worker.Arg {
			os.Exit(worker.Main())
		}
		if f, ok := fakes[os.Args[1]]; ok {
			os.Exit(f())
		}
	}
	os.Exit(m.Run())
}

func newPool(t testing.TB, c Config) *Pool {
	t.Helper()
	p, err := NewPool(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// copied is a page that outlives emit.
func copied(p Page) Page {
	p.Pix = append([]byte(nil), p.Pix...)
	return p
}

func renderAll(t testing.TB, p *Pool, req Request) ([]Page, Report) {
	t.Helper()
	var pages []Page
	report, err := p.Render(t.Context(), req, func(page Page) error {
		pages = append(pages, copied(page))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages, report
}
