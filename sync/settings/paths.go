package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// OwnPath returns the person's settings file, which Load reads when it is given
// none: $XDG_CONFIG_HOME/printroom/settings.toml, by default below ~/.config, on
// Linux.
func OwnPath() (string, error) {
	home, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("settings: %w", err)
	}
	return filepath.Join(home, "printroom", "settings.toml"), nil
}

// PolicyPath returns the machine's policy, which only an administrator writes.
func PolicyPath() string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(os.Getenv("ProgramData"), "printroom", "policy.toml")
	case "darwin":
		return "/Library/Application Support/printroom/policy.toml"
	}
	return "/etc/printroom/policy.toml"
}

// DataHome returns the data folder of this person where no file names another:
// $XDG_DATA_HOME/printroom, by default ~/.local/share/printroom, on Linux.
func DataHome() (string, error) {
	if runtime.GOOS != "linux" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return "", fmt.Errorf("settings: %w", err)
		}
		return filepath.Join(dir, "printroom", "data"), nil
	}
	// The XDG base directory specification: a relative path is to be ignored.
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "printroom"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("settings: %w", err)
	}
	return filepath.Join(home, ".local", "share", "printroom"), nil
}
