package wire

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// TestSchemaLimits holds limits.go and the contract together.
func TestSchemaLimits(t *testing.T) {
	schemas := contract(t).Components.Schemas
	field := func(schema, name string) *openapi3.Schema {
		t.Helper()
		p := schemas[schema].Value.Properties[name]
		if p == nil {
			t.Fatalf("no %s.%s", schema, name)
		}
		return p.Value
	}
	items := func(schema, name string) int64 { return int64(*field(schema, name).MaxItems) }
	length := func(schema, name string) int64 { return int64(*field(schema, name).MaxLength) }
	most := func(schema, name string) int64 { return int64(*field(schema, name).Max) }
	least := func(schema, name string) int64 { return int64(*field(schema, name).Min) }
	for _, c := range []struct {
		name       string
		have, want int64
	}{
		{"Claim.jobs", items("Claim", "jobs"), MaxClaimJobs},
		{"ClaimRequest.max", most("ClaimRequest", "max"), MaxClaimJobs},
		{"ReleaseRequest.jobs", items("ReleaseRequest", "jobs"), MaxClaimJobs},
		{"EventBatch.events", items("EventBatch", "events"), MaxEvents},
		{"DepositRequest.attempts", items("DepositRequest", "attempts"), MaxDepositAttempts},
		{"Problem.attempts", items("Problem", "attempts"), MaxDepositAttempts},
		{"ReceiptRequest.numbers", items("ReceiptRequest", "numbers"), MaxReceiptNumbers},
		{"ReceiptRequest.size", most("ReceiptRequest", "size"), MaxReceiptImage},
		{"JournalEntries.entries", items("JournalEntries", "entries"), MaxJournalEntries},
		{"an entry", int64(*field("JournalEntries", "entries").Items.Value.MaxLength), MaxEntry},
		{"SignedNote.note", length("SignedNote", "note"), MaxNote},
		{"Staff.people", items("Staff", "people"), MaxPeople},
		{"Job.details", length("Job", "details"), MaxDetails},
		{"Job.paid_pages", most("Job", "paid_pages"), MaxPaidPages},
		{"Document.size", most("Document", "size"), MaxDocument},
		{"Event.number", most("Event", "number"), MaxNumber},
		{"Event.sheets", most("Event", "sheets"), MaxSheets},
		{"Notice.orders", items("Notice", "orders"), MaxOrders},
		{"Notice.waiting", most("Notice", "waiting"), MaxWaiting},
		{"Problem.detail", length("Problem", "detail"), MaxDetailText},
		{"SignedStaff.staff", length("SignedStaff", "staff"), MaxStatement},
		{"SignedTrust.trust", length("SignedTrust", "trust"), MaxStatement},
		{"SignedTrust.signatures", items("SignedTrust", "signatures"), MaxAuthorities},
		{"Trust.authorities", items("Trust", "authorities"), MaxAuthorities},
		{"Trust.witnesses", items("Trust", "witnesses"), MaxWitnesses},
		{"a witness's key", int64(*schemas["VerifierKey"].Value.MaxLength), MaxVkey},
		{"EnrolmentRequest.ek_chain", items("EnrolmentRequest", "ek_chain"), MaxChain},
		{"Person.name", length("Person", "name"), MaxName},
		{"Person.slot", most("Person", "slot"), MaxSlots - 1},
		{"Person.slot without one", least("Person", "slot"), NoSlot},
		{"PINRequest.slot", most("PINRequest", "slot"), MaxSlots - 1},
		{"Policy.second_person", items("Policy", "second_person"), MaxSecondPerson},
		{"Policy.hold_findings", items("Policy", "hold_findings"), MaxHoldFindings},
		{"Policy.min_pin", least("Policy", "min_pin"), LeastMinPIN},
		{"Policy.min_pin at most", most("Policy", "min_pin"), MostMinPIN},
		{"Policy.idle_seconds", least("Policy", "idle_seconds"), LeastIdle},
		{"Policy.idle_seconds at most", most("Policy", "idle_seconds"), MostIdle},
		{"Policy.offline_seconds", least("Policy", "offline_seconds"), LeastOffline},
		{"Policy.offline_seconds at most", most("Policy", "offline_seconds"), MostOffline},
	} {
		if c.have != c.want {
			t.Errorf("%s: the contract says %d, limits.go %d", c.name, c.have, c.want)
		}
	}
}

// TestLargestRequests: what the contract lets a station send fits into the body it may send.
func TestLargestRequests(t *testing.T) {
	schemas := contract(t).Components.Schemas
	for name, limit := range map[string]uint64{
		"EnrolmentRequest": MaxEnrolBody, "ActivationRequest": MaxActivateBody, "PINGrantRequest": MaxPINGrantBody,
		"CertificateRequest": MaxCertificateBody,
	} {
		if size := largest(schemas[name].Value); size > limit {
			t.Errorf("%s: up to %d bytes, its body may have %d", name, size, limit)
		}
	}
}

// largest is how long a value's JSON can be, strings unescaped.
func largest(s *openapi3.Schema) uint64 {
	switch {
	case s.Type.Is("string") && len(s.Enum) > 0:
		return 40
	case s.Type.Is("string"):
		return *s.MaxLength + 3
	case s.Type.Is("array"):
		return 2 + *s.MaxItems*largest(s.Items.Value)
	case s.Type.Is("object"):
		sum := uint64(2)
		for name, p := range s.Properties {
			sum += uint64(len(name)) + 4 + largest(p.Value)
		}
		return sum
	}
	return 21
}
