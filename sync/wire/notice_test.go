package wire

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const anID = "00000000-0000-4000-8000-000000000000"

func TestDecodeNotice(t *testing.T) {
	order := Order{ID: anID, Kind: OrderErase, Job: anID, At: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	for line, want := range map[string]Notice{
		`{"waiting":0}`:                       {},
		`{"waiting":7,"orders":[],"new":[1]}`: {Waiting: 7},
		`{"waiting":7,"staff":3,"trust":2}`:   {Waiting: 7, Staff: 3, Trust: 2},
		`{"waiting":1,"orders":[{"id":"` + anID + `","kind":"erase","job":"` + anID + `","at":"2026-03-02T09:00:00Z","x":1}]}`: {Waiting: 1, Orders: []Order{order}},
		// An order of a later version is left, those that are known are not.
		`{"waiting":0,"orders":[{"id":"` + anID + `","kind":"frame","job":"` + anID + `","at":"2026-03-02T09:00:00Z"}]}`: {},
	} {
		have, err := DecodeNotice([]byte(line))
		if d := cmp.Diff(want, have); err != nil || d != "" {
			t.Errorf("%s: %v %s", line, err, d)
		}
	}
}

func TestDecodeNoticeRefuses(t *testing.T) {
	order := func(id, job, kind string) string {
		return fmt.Sprintf(`{"id":%q,"kind":%q,"job":%q,"at":"2026-03-02T09:00:00Z"}`, id, kind, job)
	}
	good := order(anID, anID, "cancel")
	for _, line := range []string{
		``, ` `, `null x`, `{`, `[]`, `"waiting"`, `{"waiting":-1}`, `{"waiting":0,"staff":-1}`, `{"waiting":0,"trust":-1}`, `{"waiting":1000000001}`, `{"waiting":1e99}`, `{"waiting":"1"}`,
		`{"waiting":0}{"waiting":0}`, `{"waiting":0,"orders":[` + order("", anID, "cancel") + `]}`,
		`{"waiting":0,"orders":[` + order(anID, "../../etc", "cancel") + `]}`, `{"waiting":0,"orders":[` + order(anID, anID, "") + `]}`,
		`{"waiting":0,"orders":[` + order(strings.ToUpper("00000000-0000-4000-8000-00000000000a"), anID, "cancel") + `]}`,
		`{"waiting":0,"orders":[` + strings.Repeat(good+",", MaxOrders) + good + `]}`,
		`{"waiting":0}` + strings.Repeat(" ", MaxNotice),
	} {
		if n, err := DecodeNotice([]byte(line)); err == nil {
			t.Errorf("%.80q was taken: %+v", line, n)
		}
	}
}

// TestLargestNotice: as many orders as a notice has fit into a line.
func TestLargestNotice(t *testing.T) {
	n := Notice{Waiting: MaxWaiting}
	for range MaxOrders {
		n.Orders = append(n.Orders, Order{ID: anID, Kind: OrderCancel, Job: anID, At: time.Now().Add(time.Nanosecond)})
	}
	line, err := json.Marshal(n)
	if err != nil || len(line)+1 > MaxNotice/2 {
		t.Errorf("%d bytes, a line may have %d: %v", len(line)+1, MaxNotice, err)
	}
	if have, err := DecodeNotice(line); err != nil || len(have.Orders) != MaxOrders {
		t.Errorf("%d orders came back: %v", len(have.Orders), err)
	}
}

func FuzzDecodeNotice(f *testing.F) {
	for _, seed := range []string{`{"waiting":3}`, `{"waiting":0,"orders":[{"id":"` + anID + `","kind":"recall","job":"` + anID + `","at":"2026-03-02T09:00:00Z"}]}`, `{"waiting":0,"orders":[{"id":"` + anID + `","kind":"later","job":"` + anID + `","at":"2026-03-02T09:00:00Z"}]}`, `{`, "\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		n, err := DecodeNotice(line)
		if err != nil {
			return
		}
		for _, o := range n.Orders {
			if len(o.ID) != 36 || len(o.Job) != 36 || !o.Kind.Valid() {
				t.Fatalf("%q gives %+v", line, o)
			}
		}
		again, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := DecodeNotice(again); err != nil || !cmp.Equal(n, m) {
			t.Fatalf("%q gives %+v, then %+v: %v", line, n, m, err)
		}
	})
}
