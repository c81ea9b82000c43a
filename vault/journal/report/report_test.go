package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"espero-soft.com/printroom/vault/journal"
)

func start() time.Time { return time.Date(2026, 11, 22, 8, 15, 0, 0, time.UTC) }

// sample has an access of every kind.
func sample(n int) (rows []journal.Row) {
	people := []string{"p-1", "p-2", "p-3", ""}
	for i := range n {
		at := start().Add(time.Duration(i) * 11 * time.Minute)
		r := journal.Row{
			Sequence: int64(2*i + 1), Result: int64(2*i + 2), Time: at, Ended: at.Add(time.Second),
			Actor: people[i*i%4], Action: journal.ActionPreview, Object: "job-71", Attempt: "0123456789ABX", Outcome: journal.OutcomeDone,
		}
		switch i % 7 {
		case 1:
			r.Result, r.Ended, r.Outcome, r.Rules = 0, time.Time{}, "", []journal.Rule{journal.RuleNoResult, journal.RuleHours}
		case 2:
			r.Pages = "2-3"
			r.Rules = []journal.Rule{journal.RuleViewed}
			r.Conclusion = &journal.Conclusion{Sequence: 900, Time: at, Actor: "p-3", Reason: "explained"}
		case 3:
			r = journal.Row{Sequence: r.Sequence, Damaged: true}
		}
		rows = append(rows, r)
	}
	return rows
}

func content(rows []journal.Row) Content {
	var hours []journal.Hour
	for _, r := range rows {
		h := journal.Hour{Start: r.Time.Truncate(time.Hour), Actor: r.Actor, Accesses: 1, Unusual: int64(min(1, len(r.Rules)))}
		if !r.Damaged {
			hours = append(hours, h)
		}
	}
	return Content{
		Log: "bjet24.example/room/station-1", Made: start().Add(40 * time.Hour), By: "p-3", Hours: hours,
		Status: journal.Status{Entries: 120, Signed: 110, SignedAt: start(), Sealed: 100, SealedAt: start(), Verified: 120, VerifiedAt: start()},
		Rows:   all(rows),
	}
}

func all(rows []journal.Row) iter.Seq2[journal.Row, error] {
	return func(yield func(journal.Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func write(t *testing.T, f Format, c Content) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := Write(&out, f, c)
	if err != nil {
		t.Fatal(err)
	}
	want := 0
	for _, err := range c.Rows {
		if err != nil {
			t.Fatal(err)
		}
		want++
	}
	if int(n) != min(want, MaxPDFRows) {
		t.Errorf("%s: %d accesses of %d", f, n, want)
	}
	var again bytes.Buffer
	if _, err := Write(&again, f, c); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("%s: other bytes the second time, %v", f, err)
	}
	return out.Bytes()
}

func TestCSV(t *testing.T) {
	got := write(t, CSV, content(sample(4)))
	want := strings.Join([]string{
		"sequence,time,actor,action,object,attempt,pages,reason,outcome,result,ended,unusual,concluded,concluded_by,conclusion",
		"1,2026-11-22T08:15:00.000Z,p-1,preview,job-71,0123456789ABX,,,done,2,2026-11-22T08:15:01.000Z,,,,",
		"3,2026-11-22T08:26:00.000Z,p-2,preview,job-71,0123456789ABX,,,,,,no_result outside_hours,,,",
		"5,2026-11-22T08:37:00.000Z,p-1,preview,job-71,0123456789ABX,2-3,,done,6,2026-11-22T08:37:01.000Z,viewed_not_printed,2026-11-22T08:37:00.000Z,p-3,explained",
		"7,,,,,,,,damaged,,,,,,", "",
	}, "\r\n")
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// TestCSVIsHarmless: nothing that a spreadsheet would calculate leaves here.
func TestCSVIsHarmless(t *testing.T) {
	evil := journal.Row{Sequence: 1, Actor: `=HYPERLINK("http://x","y")`, Object: "@SUM(A1)", Attempt: "+1", Reason: "-1\n2", Action: "\tx",
		Outcome: `a"b,c`}
	records, err := csv.NewReader(bytes.NewReader(write(t, CSV, content([]journal.Row{evil})))).ReadAll()
	if err != nil || len(records) != 2 {
		t.Fatal(records, err)
	}
	for _, field := range records[1] {
		if field != "" && strings.ContainsRune("=+-@\t\r\n", rune(field[0])) {
			t.Errorf("a formula: %q", field)
		}
	}
	if records[1][8] != `a"b,c` {
		t.Errorf("a field came back as %q", records[1][8])
	}
}

func TestJSON(t *testing.T) {
	c := content(sample(4))
	c.Status.Broken = &journal.BrokenError{Sequence: 9, What: "the entry is missing"}
	var got struct {
		Log      string
		Made     string
		Journal  map[string]any
		Hours    []map[string]any
		Accesses []struct {
			Sequence   int64
			Unusual    []string
			Damaged    bool
			Pages      string
			Conclusion map[string]any
		}
	}
	if err := json.Unmarshal(write(t, JSON, c), &got); err != nil {
		t.Fatal(err)
	}
	if got.Log != c.Log || got.Made != "2026-11-24T00:15:00.000Z" || len(got.Hours) != 3 || len(got.Accesses) != 4 ||
		got.Journal["broken"] != c.Status.Broken.Error() || got.Accesses[1].Unusual[0] != "no_result" ||
		got.Accesses[2].Conclusion["reason"] != "explained" || got.Accesses[2].Pages != "2-3" || !got.Accesses[3].Damaged {
		t.Errorf("%+v", got)
	}
	if err := json.Unmarshal(write(t, JSON, content(nil)), &got); err != nil || len(got.Accesses) != 0 {
		t.Errorf("of nothing: %v, %+v", err, got)
	}
}

// TestPDF has poppler read what stands in it.
func TestPDF(t *testing.T) {
	for name, n := range map[string]int{"nothing": 0, "one page": 9, "several": 300} {
		t.Run(name, func(t *testing.T) {
			c := content(sample(n))
			path := filepath.Join(t.TempDir(), "report.pdf")
			if err := os.WriteFile(path, write(t, PDF, c), 0o600); err != nil {
				t.Fatal(err)
			}
			text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
			if err != nil {
				t.Fatal(err)
			}
			pages := strings.Count(string(text), "\f")
			for _, want := range append([]string{"report.title", c.Log, "report.chain.whole, 120", "20 report.later"}, wanted(n)...) {
				if !strings.Contains(string(text), want) {
					t.Errorf("%q is not in it:\n%s", want, text)
				}
			}
			if got := strings.Count(string(text), "2026-11-2"); n > 0 && got < n*5/7 {
				t.Errorf("%d times of %d rows", got, n)
			}
			if (n > 100) != (pages > 1) || !strings.Contains(strings.ReplaceAll(string(text), " ", ""), "1/"+strconv.Itoa(pages)) {
				t.Errorf("%d pages:\n%s", pages, text)
			}
		})
	}
}

// TestPDFHasWholeIds: the id of a letter, a UUID, is not cut.
func TestPDFHasWholeIds(t *testing.T) {
	const id = "da4d8e9c-84da-4d70-b0b0-d8c8d9d4d8d0"
	rows := sample(1)
	rows[0].Object = id
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, write(t, PDF, content(rows)), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil || !strings.Contains(string(text), id) {
		t.Errorf("%v\n%s", err, text)
	}
}

// TestPDFSaysWhichPages, and when to the second.
func TestPDFSaysWhichPages(t *testing.T) {
	c := content(sample(3))
	words := map[string]string{"action.preview": "Vorschau", "report.pages": "S."}
	c.Words = func(key string) string { return words[key] }
	path := filepath.Join(t.TempDir(), "report.pdf")
	if err := os.WriteFile(path, write(t, PDF, c), 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil || !strings.Contains(string(text), "Vorschau, S. 2-3") || !strings.Contains(string(text), "2026-11-22 08:37:00") {
		t.Errorf("%v\n%s", err, text)
	}
}

func wanted(n int) []string {
	if n == 0 {
		return []string{"report.none"}
	}
	return []string{"job-71", "action.preview", "report.open", "entry-7", "report.concluded", "rule.no_result"}
}

func TestPDFIsBounded(t *testing.T) {
	c := content(sample(1))
	c.Rows = all(slices.Repeat(sample(1), MaxPDFRows+1))
	write(t, PDF, c)
}

func TestErrorsOfReadingComeBack(t *testing.T) {
	bad := errors.New("disk gone")
	c := content(nil)
	c.Rows = func(yield func(journal.Row, error) bool) { yield(journal.Row{}, bad) }
	for _, f := range append(Formats(), "xls") {
		if _, err := Write(&bytes.Buffer{}, f, c); err == nil || f != "xls" && !errors.Is(err, bad) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestPicture(t *testing.T) {
	brussels, err := time.LoadLocation("Europe/Brussels")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 10, day, hour, 0, 0, 0, brussels) }
	hour := func(t time.Time, actor string, n int64) journal.Hour {
		return journal.Hour{Start: t.UTC(), Actor: actor, Accesses: n}
	}
	hours := []journal.Hour{hour(at(24, 23), "p-2", 3), hour(at(25, 1), "", 1), hour(at(25, 23), "p-1", 5), hour(at(25, 23), "p-2", 2)}
	p := PictureOf(hours, at(24, 0), at(26, 0), brussels) // summer time ends on the 25th
	if len(p.Bars) != 49 || p.Max != 7 || p.Total != 11 || p.Unit != PerHour || p.Bars[23].Total != 3 || p.Bars[48].Total != 7 {
		t.Errorf("by the hour: %d bars, %+v", len(p.Bars), p)
	}
	if diff := cmp.Diff([]string{"p-1", "p-2", ""}, p.People); diff != "" {
		t.Error(diff)
	}
	p = PictureOf(hours, at(1, 0), time.Date(2026, 11, 1, 0, 0, 0, 0, brussels), brussels)
	if len(p.Bars) != 31 || p.Unit != PerDay || p.Bars[24].Total != 8 || p.Bars[24].Counts[2] != 1 {
		t.Errorf("by the day: %d bars, %+v", len(p.Bars), p)
	}
	if end := p.End(24); !end.Equal(at(26, 0)) {
		t.Errorf("a bar ends at %v", end)
	}
	days := []journal.Hour{{Start: at(24, 0).UTC(), Day: true, Actor: "p-1", Accesses: 2}, {Start: at(25, 0).UTC(), Day: true, Actor: "", Accesses: 1}}
	p = PictureOf(append(days, hour(at(26, 5), "p-1", 4)), time.Time{}, time.Time{}, brussels)
	if len(p.Bars) != 3 || p.Unit != PerDay || p.Bars[0].Total != 2 || p.Bars[1].Counts[1] != 1 || p.Bars[2].Total != 4 {
		t.Errorf("of days: %d bars, %+v", len(p.Bars), p)
	}
	p = PictureOf(append(hours, hour(at(24, 23).AddDate(2, 0, 0), "p-1", 1)), time.Time{}, time.Time{}, brussels)
	if len(p.Bars) != 25 || p.Unit != PerMonth || p.Total != 12 {
		t.Errorf("by the month: %d bars, %+v", len(p.Bars), p)
	}
	if p := PictureOf(nil, time.Time{}, time.Time{}, brussels); len(p.Bars) != 0 {
		t.Errorf("of nothing: %+v", p)
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		max  int64
		want []int64
	}{{0, []int64{0, 1}}, {1, []int64{0, 1}}, {4, []int64{0, 1, 2, 3, 4}}, {5, []int64{0, 2, 4, 6}}, {17, []int64{0, 5, 10, 15, 20}}, {4000, []int64{0, 1000, 2000, 3000, 4000}}} {
		if diff := cmp.Diff(c.want, Steps(c.max, 4)); diff != "" {
			t.Errorf("up to %d: %s", c.max, diff)
		}
	}
}
