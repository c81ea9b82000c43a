package ipp

import "fmt"

// Status codes, RFC 8011 appendix B, as far as they are told apart.
const (
	statusOK            = 0x0000
	statusIgnored       = 0x0001 // successful-ok-ignored-or-substituted-attributes
	statusConflicting   = 0x0002 // successful-ok-conflicting-attributes
	lastSuccess         = 0x00ff
	statusNotPossible   = 0x0404
	statusNotFound      = 0x0406
	statusFormat        = 0x040a
	statusNoAttributes  = 0x040b // client-error-attributes-or-values-not-supported
	statusConflictError = 0x040e
	statusInternal      = 0x0500
	statusUnavailable   = 0x0502
	statusNotAccepting  = 0x0506
	statusBusy          = 0x0507
	statusCanceled      = 0x0508
)

// statusNames are the keywords of the codes that printers do send.
var statusNames = map[uint16]string{
	statusIgnored:       "successful-ok-ignored-or-substituted-attributes",
	statusConflicting:   "successful-ok-conflicting-attributes",
	0x0400:              "client-error-bad-request",
	0x0401:              "client-error-forbidden",
	0x0402:              "client-error-not-authenticated",
	0x0403:              "client-error-not-authorized",
	statusNotPossible:   "client-error-not-possible",
	0x0405:              "client-error-timeout",
	statusNotFound:      "client-error-not-found",
	0x0407:              "client-error-gone",
	0x0408:              "client-error-request-entity-too-large",
	0x0409:              "client-error-request-value-too-long",
	statusFormat:        "client-error-document-format-not-supported",
	statusNoAttributes:  "client-error-attributes-or-values-not-supported",
	0x040d:              "client-error-charset-not-supported",
	statusConflictError: "client-error-conflicting-attributes",
	0x0411:              "client-error-document-format-error",
	statusInternal:      "server-error-internal-error",
	0x0501:              "server-error-operation-not-supported",
	statusUnavailable:   "server-error-service-unavailable",
	0x0503:              "server-error-version-not-supported",
	0x0504:              "server-error-device-error",
	0x0505:              "server-error-temporary-error",
	statusNotAccepting:  "server-error-not-accepting-jobs",
	statusBusy:          "server-error-busy",
	statusCanceled:      "server-error-job-canceled",
	0x0509:              "server-error-multiple-document-jobs-not-supported",
	0x050a:              "server-error-printer-is-deactivated",
}

func statusName(code uint16) string {
	if name, ok := statusNames[code]; ok {
		return name
	}
	return fmt.Sprintf("status 0x%04x", code)
}
