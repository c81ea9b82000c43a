package language_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"espero-soft.com/printroom/assets"
	"espero-soft.com/printroom/ui/language"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T) *language.Catalogue {
	t.Helper()
	c, err := language.Load(assets.Translations, "translations")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var argument = regexp.MustCompile(`\{\{\.([A-Za-z]+)\}\}`)

func arguments(form string) []string {
	var names []string
	for _, m := range argument.FindAllStringSubmatch(form, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}

// TestEveryLanguageSaysTheSame holds all languages to the same keys, the same
// arguments in each form, and no empty text.
func TestEveryLanguageSaysTheSame(t *testing.T) {
	c := load(t)
	reference := c.In(language.Fallback)
	for _, tag := range language.Tags() {
		texts := c.In(tag)
		if texts.Tag != tag {
			t.Fatalf("there is no %s", tag)
		}
		if diff := cmp.Diff(reference.Keys(), texts.Keys()); diff != "" {
			t.Errorf("%s has other keys (-en +%s):\n%s", tag, tag, diff)
		}
		for _, key := range reference.Keys() {
			want, got := reference.Message(key), texts.Message(key)
			if got.Other == "" || (want.One == "") != (got.One == "") {
				t.Errorf("%s: %s has a form too few or too many", tag, key)
			}
			if diff := cmp.Diff(arguments(want.Other), arguments(got.Other)); diff != "" {
				t.Errorf("%s: %s has other arguments:\n%s", tag, key, diff)
			}
			if got.One != "" && !cmp.Equal(arguments(got.One), arguments(got.Other)) {
				t.Errorf("%s: the forms of %s have different arguments", tag, key)
			}
		}
	}
}

// TestToolkitWords holds the toolkit's words to the same keys in every
// language.
func TestToolkitWords(t *testing.T) {
	c, err := language.Load(assets.Translations, "translations/toolkit")
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range language.Tags() {
		if diff := cmp.Diff(c.In("en").Keys(), c.In(tag).Keys()); diff != "" {
			t.Errorf("%s (-en +%s):\n%s", tag, tag, diff)
		}
		if !c.In(tag).Has("Quit") {
			t.Errorf("%s does not say Quit", tag)
		}
	}
}

func TestPluralsAndNumbers(t *testing.T) {
	c := load(t)
	for _, k := range []struct {
		tag   string
		count int
		want  string
	}{
		{"en", 0, "0 letters of 1,200"}, {"en", 1, "1 letter of 1,200"}, {"en", 1000, "1,000 letters of 1,200"},
		{"fr", 0, "0 lettre sur 1\u202f200"}, {"fr", 1, "1 lettre sur 1\u202f200"}, {"fr", 2, "2 lettres sur 1\u202f200"},
		{"nl", 0, "0 brieven van 1.200"}, {"nl", 1, "1 brief van 1.200"},
		{"de", 1, "1 Brief von 1.200"}, {"de-BE", 12, "12 Briefe von 1.200"},
	} {
		if got := c.In(k.tag).Say("queue.count", language.Args{"Count": k.count, "Total": 1200}); got != k.want {
			t.Errorf("%s %d: %q, want %q", k.tag, k.count, got, k.want)
		}
	}
	if got := c.In("de").Number(-1234567); got != "−1.234.567" {
		t.Errorf("a negative number is %q", got)
	}
}

func TestTimes(t *testing.T) {
	c := load(t)
	now := time.Date(2026, 11, 22, 14, 48, 30, 0, time.UTC)
	check := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	en := c.In("en")
	check(en.Moment(now.Add(72*time.Minute), now), "16:00")
	check(en.Moment(now.Add(24*time.Hour), now), "23 Nov 14:48")
	check(c.In("de").Moment(now.Add(24*time.Hour), now), "23. Nov. 14:48")
	check(en.Moment(time.Time{}, now), "–")
	there := now.In(time.FixedZone("there", 10*3600)) // 0:48 on the next day
	check(en.Moment(now.Add(72*time.Minute), there), "02:00")
	check(en.Moment(now.Add(-time.Hour), there), "22 Nov 23:48")
	check(en.Brief(now.Add(-time.Hour), there), "22 Nov")
	check(en.Brief(now.Add(24*time.Hour), there), "24 Nov")
	check(en.Brief(now.Add(24*time.Hour), now), "23 Nov")
	check(en.Brief(now.Add(11*time.Hour), now), "01:48")
	check(en.Brief(now.Add(-24*time.Hour), now), "21 Nov")
	check(en.Left(72*time.Minute+40*time.Second), "1 h 12 min left")
	check(en.Left(59*time.Second), "less than a minute left")
	check(en.Left(-time.Second), "passed")
	check(c.In("fr").Left(49*time.Hour), "reste 2 jours")
	check(en.Wait(1500*time.Millisecond), "2 s")
	check(en.Wait(61*time.Second), "2 min")
	check(en.Wait(0), "1 s")
}

// TestUnknown shows what is said when there is nothing to say.
func TestUnknown(t *testing.T) {
	c := load(t)
	if got := c.In("pt").Tag; got != language.Fallback {
		t.Errorf("an unknown language is %s", got)
	}
	if got := c.In("en").Say("no.such.key"); got != "no.such.key" {
		t.Errorf("an unknown key says %q", got)
	}
}
