// Package journal is the station's access log: who opened what, written before
// it is opened. An entry is its exact bytes, chained to the one before by hash,
// a leaf of an RFC 6962 tree whose heads the station signs and central
// countersigns. No permit to open anything exists before its entry is durable.
//
// docs/journal.md is the format. Package verify reads it and is the only parser.
package journal
