// Package wire holds what a station and the central server say to each other: the types of openapi.yaml,
// the limits both keep, and problems as errors. It does no I/O beyond reading what it is handed.
//
// The types are generated (models only); openapi.yaml is the contract and says what each field means.
package wire

//go:generate go tool -modfile=../../packaging/tools/go.mod oapi-codegen -config oapi-codegen.yaml -o types.gen.go openapi.yaml

import _ "embed" // openapi.yaml

//go:embed openapi.yaml
var openAPI string

// OpenAPI is the contract, an OpenAPI 3.1 document in YAML.
func OpenAPI() string { return openAPI }
