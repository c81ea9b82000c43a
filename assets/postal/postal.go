// Package postal holds the dated table of postal facts: envelopes, formats,
// weight steps, tariffs and address limits, each with its source.
package postal

import _ "embed"

// Belgium is the table as TOML; printer/postal reads it. It is read-only.
//
//go:embed belgium.toml
var Belgium []byte
