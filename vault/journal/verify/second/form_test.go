package second_test

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"crypto/elliptic"

	"espero-soft.com/printroom/vault/journal/checkpoint"
	"espero-soft.com/printroom/vault/journal/verify"
)

const boot = "0a0b0c0d-0000-4000-8000-000000000001"

// values are for each field: those that may stand there, and those that must not.
var values = map[string][2][]string{
	"action": {{"a", "pin_set", "a1_b2", strings.Repeat("a", 40)},
		{"", "A", "1a", "_a", "a_", "a__b", "a_1", "pin-set", "é", "a b", strings.Repeat("a", 41)}},
	"actor": {{"p-7f3a", "7", "job-71", "01ARZ3NDEKTSV4RRFFQ69G5FAV", boot, "abcdefghijkl-1", "aaaaaaaaaaaaaaaa", "1-dead-beef", "a_1", strings.Repeat("1", 64)},
		{"", "Jean", "deadbeef", "jean-dupont", "abcdefghijklm-1", "1-jean", "p--1", "-1", "1-", "1.2", "é1", "1 2", "a-b", strings.Repeat("1", 65)}},
	"attempt": {{"0123456789ABX", "ZZZZZZZZZZZZI", "000000000000U"}, {"", "0123456789AB", "0123456789ABXX", "I123456789ABX", "U123456789ABX", "0123456789abx"}},
	"boot":    {{boot, "ffffffff-ffff-ffff-ffff-ffffffffffff"}, {"", strings.ToUpper(boot), boot[1:], strings.ReplaceAll(boot, "-", "0"), "{" + boot + "}"}},
	"outcome": {{"done", "some_other"}, {"", "Done", "done "}},
	"pages":   {{"1", "9999", "3-7", "9-10", "1-9999"}, {"", "0", "01", "10000", "7-3", "3-3", "3-", "-3", "3-10000", "3-07", "3–7", "3,7", "٣"}},
	"reason":  {{"wrong_pin"}, {"", "because he said so"}},
	"time": {{"1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z", "2000-02-29T00:00:00.000Z", "9999-12-31T23:59:59.999Z"},
		{"", "1969-12-31T23:59:59.999Z", "2023-02-29T00:00:00.000Z", "2100-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z",
			"2026-04-31T00:00:00.000Z", "2026-01-01T24:00:00.000Z", "2026-01-01T00:60:00.000Z", "2026-01-01T23:59:60.000Z", "2026-01-01T23:59:61.000Z", "2026-01-01T00:00:00Z",
			"2026-01-01T00:00:00.000z", "2026-01-01 00:00:00.000Z", "2026-01-01T00:00:00.000+00:00", "2026-01-01T00:00:00.00٠Z", "0000-01-01T00:00:00.000Z"}},
	"counter":   {{"1", "9007199254740991"}, {"0", "-1", "9007199254740992", "18446744073709551617", "01", "1.0", "1e3", `"1"`, "true", "null", "[1]"}},
	"monotonic": {{"0", "9007199254740991"}, {"-0", "-1", "9007199254740992", "00", "0.0", "NaN", "Infinity", `"0"`, "{}"}},
	"version":   {{"1"}, {"0", "2", "1.0", "01", "true", `"1"`}},
	"sequence":  {{"2"}, {"0", "1", "3", "02", "2.0"}},
	"intent":    {{"1"}, {"0", "2", "3", "-1", "true"}},
}

// whole has every field; the intent is entry 1.
const whole = `{"action":"print","actor":"p-7f3a","attempt":"0123456789ABX","boot":"` + boot + `","counter":7,"intent":1,"log":"` + origin + `","monotonic":0,` +
	`"object":"job-1","outcome":"done","pages":"3-7","previous":"PREVIOUS","reason":"wrong_pin","sequence":2,"time":"2026-11-22T17:30:01.234Z","version":1}`

// sealed is an export of an intent and that line, which the station and its
// witness signed as it is.
func sealed(t *testing.T, line string) []byte {
	t.Helper()
	s := newScribe(t, origin, 7, 1)
	s.entries = [][]byte{s.finish(verify.Entry{Action: "print", Boot: boot, Time: time.Unix(0, 0)}, leaf(nil))}
	s.entries = append(s.entries, []byte(strings.ReplaceAll(line, "PREVIOUS", leaf(s.entries).String())))
	return s.export(t, 0, 2, 2)
}

func TestBothAgreeOnEveryField(t *testing.T) {
	p := newPair(t)
	put(t, map[string][]byte{"vkey": newScribe(t, origin, 7, 1).vkeys(0)})
	try := func(want int, what, line string) {
		t.Helper()
		put(t, map[string][]byte{"export": sealed(t, line)})
		if f := p.check(t, "--keys", "vkey", "export"); f.code != want {
			t.Errorf("%s: exit %d instead of %d: %s\n%s", what, f.code, want, line, f.program)
		}
	}
	try(0, "as it is", whole)
	for key, both := range values {
		field := regexp.MustCompile(`"` + key + `":("[^"]*"|[0-9]+)`)
		text := strings.HasPrefix(field.FindString(whole), `"`+key+`":"`)
		for want, list := range both {
			for _, v := range list {
				if text {
					v = `"` + v + `"`
				}
				try(want, key, field.ReplaceAllLiteralString(whole, `"`+key+`":`+v))
			}
		}
	}
	required := []string{"action", "boot", "log", "monotonic", "previous", "sequence", "time", "version", "outcome"}
	for _, key := range append(required, "actor", "attempt", "counter", "intent", "object", "pages", "reason") {
		line := regexp.MustCompile(`"`+key+`":("[^"]*"|[0-9]+),?`).ReplaceAllLiteralString(whole, "")
		line = strings.ReplaceAll(line, ",}", "}")
		want := 0
		if slices.Contains(required, key) { // the outcome, because there is an intent
			want = 1
		}
		try(want, "without "+key, line)
	}
}

func TestBothAgreeOnEveryForm(t *testing.T) {
	p := newPair(t)
	put(t, map[string][]byte{"vkey": newScribe(t, origin, 7, 1).vkeys(0)})
	r := strings.NewReplacer
	for what, line := range map[string]string{
		"a space":         r(`":`, `": `).Replace(whole),
		"another order":   r(`"action":"print","actor":"p-7f3a"`, `"actor":"p-7f3a","action":"print"`).Replace(whole),
		"a key twice":     r(`"version":1`, `"version":1,"version":1`).Replace(whole),
		"an unknown key":  r(`"version":1`, `"version":1,"x":1`).Replace(whole),
		"an escape":       r(`"print"`, `"\u0070rint"`).Replace(whole),
		"a null":          r(`"p-7f3a"`, `null`).Replace(whole),
		"a list":          "[" + whole + "]",
		"two":             whole + whole,
		"nothing":         "",
		"no object":       "1",
		"nested deeply":   strings.Repeat("[", 1023),
		"nested objects":  strings.Repeat(`{"a":`, 200),
		"a long number":   r(`"monotonic":0`, `"monotonic":`+strings.Repeat("9", 600)).Replace(whole),
		"too long":        r(`"monotonic":0`, `"monotonic":0`+strings.Repeat(" ", 700)).Replace(whole),
		"a carriage":      whole + "\r",
		"a mark":          "\ufeff" + whole,
		"not UTF-8":       r("print", "pr\xffnt").Replace(whole),
		"a zero byte":     r("print", "pr\x00nt").Replace(whole),
		"a short hash":    r("PREVIOUS", "AAAA").Replace(whole),
		"another log":     r("station-1", "station-2").Replace(whole),
		"no name":         r(origin, "https://bjet24.example").Replace(whole),
		"another entry's": r("PREVIOUS", leaf(nil).String()).Replace(whole),
	} {
		put(t, map[string][]byte{"export": sealed(t, line)})
		if f := p.check(t, "--keys", "vkey", "export"); f.code != 1 {
			t.Errorf("%s: exit %d: %s\n%s", what, f.code, line, f.program)
		}
	}
}

// notes are tampered checkpoints, whose text says the truth all the same.
func notes(t *testing.T, s, stranger *scribe) map[string][]byte {
	t.Helper()
	edit := func(change func(c *checkpoint.Checkpoint)) []byte {
		c, err := checkpoint.ParseCheckpoint(s.seal(t, 5))
		if err != nil {
			t.Fatal(err)
		}
		change(&c)
		return c.Note()
	}
	foreign, err := checkpoint.ParseCheckpoint(stranger.seal(t, 5))
	if err != nil {
		t.Fatal(err)
	}
	good := string(s.seal(t, 5))
	return map[string][]byte{
		"the station alone":         s.signed(t, 5),
		"the witness alone":         edit(func(c *checkpoint.Checkpoint) { c.Signatures = c.Signatures[1:] }),
		"the witness first":         edit(func(c *checkpoint.Checkpoint) { slices.Reverse(c.Signatures) }),
		"the witness twice":         edit(func(c *checkpoint.Checkpoint) { c.Signatures = append(c.Signatures, c.Signatures[1]) }),
		"the station twice":         edit(func(c *checkpoint.Checkpoint) { c.Signatures = append(c.Signatures, c.Signatures[0]) }),
		"another station's":         edit(func(c *checkpoint.Checkpoint) { c.Signatures[0] = foreign.Signatures[0] }),
		"another witness's":         edit(func(c *checkpoint.Checkpoint) { c.Signatures[1] = foreign.Signatures[1] }),
		"a witness of another name": edit(func(c *checkpoint.Checkpoint) { c.Signatures[1].Name = "elsewhere.example/witness" }),
		"another time":              edit(func(c *checkpoint.Checkpoint) { c.Signatures[1].Bytes[7] ^= 1 }),
		"a stranger of no shape": edit(func(c *checkpoint.Checkpoint) {
			c.Signatures = append(c.Signatures, foreign.Signatures[1])
			c.Signatures[2].Bytes = []byte{1}
		}),
		"a stranger of no time": edit(func(c *checkpoint.Checkpoint) {
			c.Signatures = append(c.Signatures, foreign.Signatures[1])
			c.Signatures[2].Bytes = slices.Concat([]byte{0x80}, foreign.Signatures[1].Bytes[1:])
		}),
		"too many strangers": edit(func(c *checkpoint.Checkpoint) {
			for id := range uint32(8) {
				c.Signatures = append(c.Signatures, foreign.Signatures[1])
				c.Signatures[2+id].KeyID = id
			}
		}),
		"the twin of a signature": edit(func(c *checkpoint.Checkpoint) { c.Signatures[0].Bytes = twin(t, c.Signatures[0].Bytes) }),
		"a longer signature":      edit(func(c *checkpoint.Checkpoint) { c.Signatures[0].Bytes = append(c.Signatures[0].Bytes, 0) }),
		"an extension":            []byte(strings.Replace(good, "\n\n", "\nmore\n\n", 1)),
		"a zero before the size":  []byte(strings.Replace(good, "\n5\n", "\n05\n", 1)),
		"a plus":                  []byte(strings.Replace(good, "\n5\n", "\n+5\n", 1)),
		"a carriage":              []byte(strings.ReplaceAll(good, "\n", "\r\n")),
		"a hyphen":                []byte(strings.ReplaceAll(good, "—", "-")),
		"a line more":             []byte(good + "\n"),
		"no last newline":         []byte(strings.TrimSuffix(good, "\n")),
		"nothing":                 nil,
	}
}

// twin is the other signature that verifies as plain ECDSA.
func twin(t *testing.T, sig []byte) []byte {
	t.Helper()
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(sig, &v); err != nil {
		t.Fatal(err)
	}
	v.S.Sub(elliptic.P256().Params().N, v.S)
	out, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestBothAgreeOnEveryCheckpoint(t *testing.T) {
	p := newPair(t)
	s := newScribe(t, origin, 7, 1).write(8, leaf(nil))
	stranger := newScribe(t, origin, 8, 3).write(8, leaf(nil))
	put(t, map[string][]byte{"vkey": s.vkeys(0), "whole": s.export(t, 0, 5, 5)})
	try := func(want int, what string, note []byte) {
		t.Helper()
		files := map[string][]byte{
			"sealed": append(s.lines(0, 5), verify.SealLine(note)...),
			"start":  slices.Concat(verify.StartLine(note, s.tree(5).Frontier()), s.lines(5, 8), verify.SealLine(s.seal(t, 8))),
			"note":   note,
		}
		put(t, files)
		for args, code := range map[string]int{"sealed": want, "start": want, "whole start": want, "--checkpoint note whole": 2 * want} {
			if f := p.check(t, append([]string{"--keys", "vkey"}, strings.Fields(args)...)...); f.code != code {
				t.Errorf("%s, %s: exit %d instead of %d\n%s", what, args, f.code, code, f.program)
			}
		}
	}
	try(0, "as it is", s.seal(t, 5))
	both := append(s.witnesses, stranger.witnesses...)
	let, err := checkpoint.Cosign(s.signed(t, 5), time.Unix(1_763_838_000, 0), both...)
	if err != nil {
		t.Fatal(err)
	}
	try(0, "a stranger beside the witness", let)
	for what, note := range notes(t, s, stranger) {
		try(1, what, note)
	}
}

func TestBothAgreeOnEveryKeyFile(t *testing.T) {
	p := newPair(t)
	s := newScribe(t, origin, 7, 1, 2).write(3, leaf(nil))
	station, witness := s.station.Vkey(), s.witnesses[0].Vkey()
	put(t, map[string][]byte{"export": s.export(t, 0, 3, 3), "forged": newScribe(t, origin, 8, 1).vkeys(0)})
	name, rest, _ := strings.Cut(station, "+")
	id, key, _ := strings.Cut(rest, "+")
	compressed := func() string {
		spki, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		// The same point, written shorter: another SubjectPublicKeyInfo.
		short := slices.Concat(spki[:2], []byte{0x39}, spki[3:25], []byte{0x22, 0x00, 0x02 | spki[len(spki)-1]&1}, spki[28:60])
		return base64.StdEncoding.EncodeToString(short)
	}
	for what, c := range map[string]struct {
		file string
		code int
	}{
		"as it is":           {station + "\n" + witness + "\n", 0},
		"both keys":          {string(s.vkeys(1, 0)), 0},
		"a key twice":        {string(s.vkeys(0, 0)), 0},
		"eight":              {string(s.vkeys(0, 1, 0, 1, 0, 1, 0, 1)), 0},
		"nine":               {string(s.vkeys(0, 1, 0, 1, 0, 1, 0, 1, 0)), 2},
		"no witness":         {station + "\n", 2},
		"no last newline":    {station + "\n" + witness, 2},
		"an empty line":      {station + "\n" + witness + "\n\n", 2},
		"the witness first":  {witness + "\n" + station + "\n", 2},
		"two stations":       {station + "\n" + station + "\n", 2},
		"carriages":          {station + "\r\n" + witness + "\r\n", 2},
		"nothing":            {"", 2},
		"too long":           {station + "\n" + strings.Repeat(witness+"\n", 60), 2},
		"another id":         {name + "+00000000+" + key + "\n" + witness + "\n", 2},
		"an id in capitals":  {name + "+" + strings.ToUpper(id) + "+" + key + "\n" + witness + "\n", 2},
		"a compressed point": {name + "+" + id + "+" + compressed() + "\n" + witness + "\n", 2},
		"another name":       {"another.example/log+" + rest + "\n" + witness + "\n", 1},
		"a space":            {" " + station + "\n" + witness + "\n", 2},
		"not base64":         {name + "+" + id + "+*\n" + witness + "\n", 2},
		"not ASCII":          {station + "\n" + witness + "é\n", 2},
	} {
		put(t, map[string][]byte{"vkey": []byte(c.file)})
		if f := p.check(t, "--keys", "vkey", "export"); f.code != c.code {
			t.Errorf("%s: exit %d instead of %d\n%s", what, f.code, c.code, f.program)
		}
		if f := p.check(t, "--keys", "vkey", "--keys", "forged", "export"); c.code != 1 && f.code != 2 {
			t.Errorf("%s beside a forged key: exit %d\n%s", what, f.code, f.program)
		}
	}
}

// Every way of tampering that has a name, on shards and on the whole.
func TestBothAgreeOnWhatHasAName(t *testing.T) {
	p := newPair(t)
	s := newScribe(t, origin, 7, 1).write(14, leaf(nil))
	other := newScribe(t, origin+"/2", 8, 1).write(14, leaf(nil))
	anew := newScribe(t, origin, 7, 1)
	anew.entries = slices.Clone(s.entries[:9])
	anew.entries = append(anew.entries, anew.finish(verify.Entry{Action: "export", Boot: boot, Time: time.Unix(0, 0)}, leaf(anew.entries)))
	anew.write(4, leaf(nil))
	put(t, map[string][]byte{"vkey": s.vkeys(0), "first": s.export(t, 0, 6, 6)})
	for from, before := range map[int][]string{0: nil, 6: {"first"}} {
		export := s.export(t, from, 12, 12)
		lines := bytes.SplitAfter(export, []byte("\n"))
		lines = lines[:len(lines)-1]
		at := func(n int) int { return len(lines) - 2 - (12 - n) } // the line of entry n
		with := func(change func(l [][]byte) [][]byte) []byte { return bytes.Join(change(slices.Clone(lines)), nil) }
		for what, bad := range map[string][]byte{
			"an entry changed":        bytes.Replace(export, []byte(`"object":"job-9"`), []byte(`"object":"job-8"`), 1),
			"the last entry changed":  bytes.Replace(export, []byte(`"object":"job-12"`), []byte(`"object":"job-13"`), 1),
			"an entry dropped":        with(func(l [][]byte) [][]byte { return slices.Delete(l, at(9), at(9)+1) }),
			"the last entry dropped":  with(func(l [][]byte) [][]byte { return slices.Delete(l, at(12), at(12)+1) }),
			"an entry repeated":       with(func(l [][]byte) [][]byte { return slices.Insert(l, at(9), l[at(9)]) }),
			"two entries swapped":     with(func(l [][]byte) [][]byte { l[at(9)], l[at(10)] = l[at(10)], l[at(9)]; return l }),
			"another log's entry":     with(func(l [][]byte) [][]byte { l[at(9)] = append(slices.Clone(other.entries[8]), '\n'); return l }),
			"an entry put in":         with(func(l [][]byte) [][]byte { return slices.Insert(l, at(13), append(slices.Clone(s.entries[12]), '\n')) }),
			"the chain written anew":  append(bytes.Join(lines[:at(9)+1], nil), append(anew.lines(9, 12), lines[len(lines)-1]...)...),
			"an older checkpoint":     with(func(l [][]byte) [][]byte { l[len(l)-1] = verify.SealLine(s.seal(t, 11)); return l }),
			"a newer checkpoint":      with(func(l [][]byte) [][]byte { l[len(l)-1] = verify.SealLine(s.seal(t, 13)); return l }),
			"another history's":       with(func(l [][]byte) [][]byte { l[len(l)-1] = verify.SealLine(anew.seal(t, 12)); return l }),
			"another log's":           with(func(l [][]byte) [][]byte { l[len(l)-1] = verify.SealLine(other.seal(t, 12)); return l }),
			"two checkpoints":         with(func(l [][]byte) [][]byte { return append(l, l[len(l)-1]) }),
			"the checkpoint earlier":  with(func(l [][]byte) [][]byte { l[at(12)], l[at(13)] = l[at(13)], l[at(12)]; return l }),
			"a start line at the end": with(func(l [][]byte) [][]byte { return append(l, verify.StartLine(s.seal(t, 12), s.tree(12).Frontier())) }),
			"the first line dropped":  with(func(l [][]byte) [][]byte { return l[1:] }),
			"an empty line":           with(func(l [][]byte) [][]byte { return slices.Insert(l, 1, []byte("\n")) }),
			"an empty line last":      append(slices.Clone(export), '\n'),
			"half a line":             export[:len(export)-30],
			"no last newline":         export[:len(export)-1],
			"carriage returns":        bytes.ReplaceAll(export, []byte("\n"), []byte("\r\n")),
			"a byte-order mark":       append([]byte("\ufeff"), export...),
			"an endless line":         append(slices.Clone(export), bytes.Repeat([]byte("x"), 100_000)...),
			"binary zeros":            append(slices.Clone(export), make([]byte, 5000)...),
			"a broken tail":           append(slices.Clone(export), s.lines(13, 14)...),
			"an escaped slash":        bytes.ReplaceAll(export, []byte("/witness"), []byte(`\/witness`)),
			"an escaped dash":         bytes.ReplaceAll(export, []byte("—"), []byte(`\u2014`)),
		} {
			put(t, map[string][]byte{"export": bad})
			for _, args := range [][]string{{"--allow-unsealed"}, append([]string{"--allow-unsealed"}, before...)} {
				if f := p.check(t, append(append([]string{"--keys", "vkey"}, args...), "export")...); f.code != 1 {
					t.Errorf("after %d, %s: exit %d\n%s", from, what, f.code, f.program)
				}
			}
		}
	}
	for n, tail := range []int{12, 13, 14} { // a tail that is dropped is not missed
		put(t, map[string][]byte{"export": s.export(t, 6, 12, tail)})
		if f := p.check(t, "--keys", "vkey", "first", "export"); f.code != map[bool]int{true: 0, false: 3}[n == 0] {
			t.Errorf("a tail up to %d: exit %d\n%s", tail, f.code, fmt.Sprint(f))
		}
	}
}

// The first entry after a start line names the one before, as far as that is known.
func TestBothCompareAcrossAStart(t *testing.T) {
	p := newPair(t)
	for _, from := range []int{5, 6} {
		s := newScribe(t, origin, 7, 1).write(from, leaf(nil))
		s.entries = append(s.entries, s.finish(sample(int64(from)+1), leaf(s.entries[:from-1]))) // and is signed so
		s.write(2, leaf(nil))
		n := from + 3
		put(t, map[string][]byte{"vkey": s.vkeys(0), "before": s.export(t, 0, from, from), "after": s.export(t, from, n, n)})
		alone := 0
		if from%2 == 1 {
			alone = 1 // the frontier has it
		}
		for args, want := range map[string]int{"after": alone, "before after": 1} {
			if f := p.check(t, append([]string{"--keys", "vkey"}, strings.Fields(args)...)...); f.code != want {
				t.Errorf("after %d, %s: exit %d instead of %d\n%s", from, args, f.code, want, f.program)
			}
		}
	}
}
