package settings

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// Paths returns the files that Load reads by default: the person's settings
// (XDG_CONFIG_HOME on Linux) and then the machine's policy, which wins.
func Paths() ([]string, error) {
	home, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	return []string{filepath.Join(home, "printroom", "settings.toml"), policyPath()}, nil
}

func policyPath() string {
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
