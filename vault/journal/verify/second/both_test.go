package second_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// shelf is what an auditor may get: exports of a log, of its successor and of the
// successor's, their keys and checkpoints.
func shelf(t testing.TB) map[string][]byte {
	t.Helper()
	x := newScribe(t, origin, 7, 1, 2).write(23, leaf(nil)) // its witness changes its key
	y := newScribe(t, origin+"/2", 8, 2).write(9, leaf(x.entries))
	z := newScribe(t, origin+"/3", 9, 2).write(4, leaf(y.entries))
	empty := newScribe(t, "bjet24.example/room/station-9", 10, 2)
	return map[string][]byte{
		"x.vkey": x.vkeys(0, 1), "x-old.vkey": x.vkeys(0), "x-new.vkey": x.vkeys(1),
		"y.vkey": y.vkeys(0), "z.vkey": z.vkeys(0), "empty.vkey": empty.vkeys(0),
		"x.jsonl": x.export(t, 0, 23, 23), "x-tail.jsonl": x.export(t, 0, 20, 23), "x-open.jsonl": x.export(t, 0, -1, 23),
		"x-0.jsonl": x.export(t, 0, 0, 3), "x-1.jsonl": x.export(t, 0, 7, 7), "x-2.jsonl": x.export(t, 7, 12, 12),
		"x-3.jsonl": x.export(t, 12, 20, 23), "x-4.jsonl": x.export(t, 23, 23, 23), "x-none.jsonl": x.export(t, 12, 12, 12),
		"y.jsonl": y.export(t, 0, 9, 9), "y-1.jsonl": y.export(t, 0, 4, 4), "y-2.jsonl": y.export(t, 4, 6, 9), "y-open.jsonl": y.export(t, 0, -1, 9), "y-0.jsonl": y.export(t, 0, 0, 4),
		"z.jsonl": z.export(t, 0, 4, 4), "empty.jsonl": empty.export(t, 0, 0, 0), "nothing.jsonl": nil,
		"x.note": x.seal(t, 23), "x-early.note": x.seal(t, 5), "x-tail.note": x.seal(t, 21), "y.note": y.seal(t, 9), "x-alone.note": x.signed(t, 23),
	}
}

// good are command lines that both take; unsealed ones end with 3.
var good = []string{
	"--keys x.vkey x.jsonl", "--keys x-old.vkey x.jsonl", "--keys x-new.vkey x.jsonl", "--keys x-old.vkey --keys x-new.vkey x.jsonl",
	"--keys x.vkey x-1.jsonl x-2.jsonl", "--keys x.vkey x-2.jsonl x-none.jsonl", "--keys x.vkey x-none.jsonl",
	"--keys x.vkey x-2.jsonl", "--keys x.vkey x-1.jsonl x-2.jsonl x-3.jsonl x-4.jsonl", "--keys x.vkey x-4.jsonl", "--keys x.vkey x-tail.jsonl x-4.jsonl",
	"--keys x.vkey --keys y.vkey x.jsonl y.jsonl", "--keys x.vkey --keys y.vkey x-tail.jsonl y-1.jsonl", "--keys x.vkey --keys y.vkey x-4.jsonl y.jsonl",
	"--keys x.vkey --keys y.vkey --keys z.vkey x-open.jsonl y-open.jsonl z.jsonl", "--keys empty.vkey empty.jsonl",
	"--keys x.vkey --checkpoint x.note x.jsonl", "--keys x.vkey --checkpoint x-early.note x.jsonl", "--keys x.vkey --checkpoint x.note x-tail.jsonl",
	"--keys x.vkey --keys y.vkey --checkpoint x.note --checkpoint y.note x-open.jsonl y-open.jsonl",
	"--keys x.vkey --allow-unsealed x-tail.jsonl", "--keys x.vkey --allow-unsealed x-open.jsonl", "--keys x.vkey --allow-unsealed x-0.jsonl",
}

var unsealed = []string{
	"--keys x.vkey x-tail.jsonl", "--keys x.vkey x-open.jsonl", "--keys x.vkey x-0.jsonl", "--keys x.vkey x-3.jsonl", "--keys x.vkey x-2.jsonl x-3.jsonl",
	"--keys x.vkey --keys y.vkey x-tail.jsonl y-1.jsonl y-2.jsonl", "--keys x.vkey --keys y.vkey x-tail.jsonl y-open.jsonl",
	"--keys x.vkey --checkpoint x-tail.note x-tail.jsonl",
}

var refused = []string{
	"--keys y.vkey x.jsonl", "--keys x.vkey nothing.jsonl", "--keys x.vkey x.jsonl nothing.jsonl", "--keys x.vkey x.jsonl x.jsonl", "--keys x.vkey x-2.jsonl x-1.jsonl",
	"--keys x.vkey x-1.jsonl x-3.jsonl", "--keys x.vkey x-1.jsonl x-2.jsonl x-2.jsonl", "--keys x.vkey x-3.jsonl x-none.jsonl", "--keys x.vkey --keys y.vkey y.jsonl x.jsonl",
	"--keys x.vkey --keys y.vkey x-1.jsonl y.jsonl", "--keys x.vkey --keys y.vkey x-none.jsonl y.jsonl", "--keys x.vkey --keys y.vkey x.jsonl y-2.jsonl",
	"--keys x.vkey --keys y.vkey --keys z.vkey x.jsonl z.jsonl", "--keys x.vkey --keys empty.vkey x.jsonl empty.jsonl", "--keys x.vkey --keys empty.vkey empty.jsonl x.jsonl",
	"--keys x.vkey --keys y.vkey --keys z.vkey x.jsonl y.jsonl z.jsonl y-2.jsonl", "--keys x.vkey --checkpoint x.note x-1.jsonl", "--keys x.vkey --checkpoint x-early.note x-2.jsonl",
	"--keys x.vkey --keys y.vkey --checkpoint y.note x.jsonl", "--keys x.vkey --keys y.vkey --checkpoint x.note x-1.jsonl x-2.jsonl", "--keys x.vkey x.vkey", "--keys x.vkey --keys y.vkey x.jsonl y-0.jsonl",
}

var unusable = []string{
	"x.jsonl", "--keys x.vkey", "--keys missing x.jsonl", "--keys x.jsonl x.jsonl", "--keys x.vkey missing.jsonl", "--keys x.vkey x.jsonl missing.jsonl", "--keys x.vkey .", "--keys nothing.jsonl x.jsonl",
	"--keys x.vkey --checkpoint missing x.jsonl", "--keys x.vkey --checkpoint x.vkey x.jsonl", "--keys x.vkey --checkpoint x-alone.note x.jsonl", "--keys x.vkey --checkpoint y.note x.jsonl",
	"--keys x.vkey --checkpoint x.note --checkpoint x-early.note x.jsonl", "--keys x.vkey --nonsense x.jsonl", "--keys x.vkey --checkpoint nothing.jsonl x.jsonl",
}

func TestBothAgreeOnWhatIsWhole(t *testing.T) {
	p := newPair(t)
	put(t, shelf(t))
	for code, lines := range [][]string{good, refused, unusable, unsealed} {
		for _, line := range lines {
			if f := p.check(t, strings.Fields(line)...); f.code != code {
				t.Errorf("%s: exit %d instead of %d\n%s", line, f.code, code, f.program)
			}
		}
	}
}

// The second one is a program too, and reads from a pipe as the first does.
func TestTheSecondIsAProgram(t *testing.T) {
	script, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	files := shelf(t)
	put(t, files)
	for name, want := range map[string]int{"x.jsonl": 0, "y.jsonl": 1, "x-tail.jsonl": 3, "nothing.jsonl": 1} {
		cmd := exec.Command(python, script+"/verify_journal.py", "--keys", "x.vkey", "-")
		cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
		cmd.Stdin = bytes.NewReader(files[name])
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != want {
			t.Errorf("%s: exit %d, %v, %s", name, code, err, out)
		}
	}
}

// edits are the ways in which a file is tampered with at random.
var edits = map[string]func(r *rand.Rand, b []byte) []byte{
	"a bit": func(r *rand.Rand, b []byte) []byte {
		b[r.IntN(len(b))] ^= 1 << r.IntN(8)
		return b
	},
	"a byte gone": func(r *rand.Rand, b []byte) []byte {
		i := r.IntN(len(b))
		return slices.Delete(b, i, i+1)
	},
	"a byte more": func(r *rand.Rand, b []byte) []byte {
		const odd = "\n\r\t \"\\{}0azA\x00\xff"
		return slices.Insert(b, r.IntN(len(b)+1), odd[r.IntN(len(odd))])
	},
	"the end": func(r *rand.Rand, b []byte) []byte { return b[:r.IntN(len(b))] },
	"a stretch": func(r *rand.Rand, b []byte) []byte {
		i, j, n := r.IntN(len(b)), r.IntN(len(b)), r.IntN(60)
		return slices.Replace(b, i, min(len(b), i+n), slices.Clone(b[j:min(len(b), j+r.IntN(60))])...)
	},
	"a line gone": lineEdit(func(r *rand.Rand, l [][]byte) [][]byte {
		i := r.IntN(len(l))
		return slices.Delete(l, i, i+1)
	}),
	"a line twice": lineEdit(func(r *rand.Rand, l [][]byte) [][]byte {
		return slices.Insert(l, r.IntN(len(l)+1), l[r.IntN(len(l))])
	}),
	"two lines swapped": lineEdit(func(r *rand.Rand, l [][]byte) [][]byte {
		i, j := r.IntN(len(l)), r.IntN(len(l))
		l[i], l[j] = l[j], l[i]
		return l
	}),
	"lines at the end":   lineEdit(func(r *rand.Rand, l [][]byte) [][]byte { return l[:r.IntN(len(l))] }),
	"lines at the start": lineEdit(func(r *rand.Rand, l [][]byte) [][]byte { return l[r.IntN(len(l)):] }),
}

func lineEdit(edit func(*rand.Rand, [][]byte) [][]byte) func(*rand.Rand, []byte) []byte {
	return func(r *rand.Rand, b []byte) []byte {
		l := bytes.SplitAfter(b, []byte("\n"))
		return bytes.Join(edit(r, l[:max(1, len(l)-1)]), nil)
	}
}

func TestBothAgreeOnWhatIsTampered(t *testing.T) {
	p := newPair(t)
	files := shelf(t)
	put(t, files)
	r := rand.New(rand.NewPCG(1, 24))
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range edits {
			if !yield(name) {
				return
			}
		}
	})
	codes := map[int]int{}
	for n := range edited * len(edits) {
		line := strings.Fields([][]string{good, unsealed}[r.IntN(2)][r.IntN(len(unsealed))])
		name := line[1+r.IntN(len(line)-1)]
		if r.IntN(4) > 0 {
			name = line[len(line)-1]
		}
		if len(files[name]) == 0 {
			continue
		}
		what := names[n%len(names)]
		bad := edits[what](r, slices.Clone(files[name]))
		put(t, map[string][]byte{name: bad})
		f := p.check(t, line...)
		codes[f.code]++
		if f.code == 0 && !bytes.Equal(bad, files[name]) && !strings.HasSuffix(name, ".vkey") && !strings.HasSuffix(name, ".note") && !strings.Contains(strings.Join(line, " "), "allow") {
			harmless(t, files[name], bad, what, f)
		}
		put(t, map[string][]byte{name: files[name]})
	}
	if codes[0] == 0 || codes[1] < 5*edited || codes[2] == 0 || codes[3] == 0 {
		t.Errorf("exit codes %v", codes)
	}
}

// harmless demands that what passed is only shorter by unsealed entries, or was
// shown with one signature less of a witness that signed with two keys.
func harmless(t *testing.T, was, is []byte, what string, f finding) {
	t.Helper()
	if bytes.HasPrefix(was, is) || bytes.Count(is, []byte("— ")) > 0 && len(is) == len(was) && strings.HasPrefix(what, "a ") {
		return
	}
	t.Errorf("%s passed:\n%s\n%s", what, is, f.program)
}

func TestBothAgreeOnAnyEdit(t *testing.T) {
	p := newPair(t)
	files := shelf(t)
	put(t, files)
	line := strings.Fields("--keys x.vkey --keys y.vkey --checkpoint x-early.note --checkpoint y.note x-1.jsonl x-2.jsonl x-3.jsonl y-1.jsonl y-2.jsonl")
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"x.vkey", "y.vkey", "x-early.note", "y.note", "x-1.jsonl", "x-2.jsonl", "x-3.jsonl", "y-1.jsonl", "y-2.jsonl"}).Draw(rt, "file")
		b := files[name]
		at := rapid.IntRange(0, len(b)).Draw(rt, "at")
		n := rapid.IntRange(0, min(50, len(b)-at)).Draw(rt, "removed")
		with := rapid.OneOf(
			rapid.SliceOfN(rapid.Byte(), 0, 20),
			rapid.Map(rapid.IntRange(0, len(b)-21), func(i int) []byte { return b[i : i+20] }),
			rapid.SliceOfN(rapid.SampledFrom([]byte("\n\\\"{},:=+/AZaz09-_ ")), 0, 4),
		).Draw(rt, "put in")
		put(t, map[string][]byte{name: slices.Replace(slices.Clone(b), at, at+n, with...)})
		defer put(t, map[string][]byte{name: b})
		p.check(rt, line...)
	})
}
