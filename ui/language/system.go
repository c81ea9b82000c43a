package language

import "os"

// OfSystem is the language that whoever started the program has their system
// speak, as their environment says it (gettext's order), "" when it does not.
func OfSystem() string {
	for _, name := range []string{"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"} {
		if tag := os.Getenv(name); tag != "" {
			return tag
		}
	}
	return ""
}
