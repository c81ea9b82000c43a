package language_test

import (
	"testing"

	"espero-soft.com/printroom/ui/language"
)

func TestSystem(t *testing.T) {
	c := load(t)
	for _, k := range []struct{ language, all, messages, lang, want string }{
		{"", "", "", "", "en"}, {"", "", "", "nl_BE.UTF-8", "nl"}, {"", "", "fr_BE.UTF-8", "nl_BE.UTF-8", "fr"},
		{"", "C.UTF-8", "fr_BE", "nl_BE", "en"}, {"de:nl", "C.UTF-8", "fr_BE", "nl_BE", "de"},
	} {
		t.Setenv("LANGUAGE", k.language)
		t.Setenv("LC_ALL", k.all)
		t.Setenv("LC_MESSAGES", k.messages)
		t.Setenv("LANG", k.lang)
		if got := c.In(language.OfSystem()).Tag; got != k.want {
			t.Errorf("%+v: %s", k, got)
		}
	}
}
