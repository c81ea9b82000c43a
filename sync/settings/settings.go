// Package settings reads the configuration of a station: what an administrator
// writes in TOML, what the machine's policy forces on top of it, and where the
// files and the data folder lie. A file is taken whole or refused with its
// name, line and key; nothing is guessed and nothing is silently ignored.
package settings

import "time"

// Version of the program, in the form that central's minimum version is compared with.
const Version = "0.1.0"

// Settings of one station. The zero value is no configuration; Default is the start.
type Settings struct {
	Language string        // fr, nl, de or en; "" follows the desktop
	DataDir  string        // absolute; journal, store and ciphertext lie below
	IdleLock time.Duration // 2 to 5 minutes without a touch lock the screen
	Central  Central
	Printer  Printer
	TPM      TPM
	Limits   Limits
	Receipts Receipts
}

// Central says where the room's server is and whom to believe about it.
type Central struct {
	URL       string // https, without path, query or user
	Authority string // absolute path of the room authority's certificate, PEM
}

// Printer is the one this station prints on.
type Printer struct {
	Name string
	URI  string   // ipps, or ipp where the administrator accepts a clear connection
	Pin  [32]byte // SHA-256 of the certificate's SubjectPublicKeyInfo; zero when the URI is ipp
	File string   // the file that gave Pin; no key of it
}

// TPM names the chip. Anything but the system's own is shown in red by the window.
type TPM struct {
	Endpoint string // "" for the system's TPM, or "unix:/path" of a socket
}

// Limits bound what one claim may ask of this machine.
type Limits struct {
	ClaimJobs int // letters leased at once; central's policy may be lower
}

// Receipts says where a scanner leaves the proofs of drop-off.
type Receipts struct {
	Folder string // absolute; "" for none: pictures are chosen by hand
}

// Default returns the values that hold where no file says otherwise.
// DataDir is left for DataHome, since it depends on the person's environment.
func Default() Settings {
	return Settings{
		IdleLock: 3 * time.Minute,
		Limits:   Limits{ClaimJobs: 25},
	}
}

// Missing lists the keys, as written in the file, without which a station
// cannot reach its central server. The window then asks for them; nothing else
// is refused for their lack.
func (s Settings) Missing() []string {
	var keys []string
	if s.Central.URL == "" {
		keys = append(keys, "central.url")
	}
	if s.Central.Authority == "" {
		keys = append(keys, "central.authority")
	}
	if s.Printer.URI == "" {
		keys = append(keys, "printer.uri")
	}
	return keys
}
