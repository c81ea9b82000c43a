package wire

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

func contract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData([]byte(OpenAPI()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestContractIsValid(t *testing.T) {
	doc := contract(t)
	if doc.OpenAPI != "3.1.0" {
		t.Fatalf("openapi: %q", doc.OpenAPI)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestGeneratedTypes runs the pinned generator and compares.
func TestGeneratedTypes(t *testing.T) {
	out := filepath.Join(t.TempDir(), "types.gen.go")
	cmd := exec.Command("go", "tool", "-modfile=../../packaging/tools/go.mod", "oapi-codegen",
		"-config", "oapi-codegen.yaml", "-o", out, "openapi.yaml")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile("types.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want) {
		t.Fatalf("types.gen.go is not what openapi.yaml gives; run go generate\n%s", cmp.Diff(string(have), string(want)))
	}
}

func TestBodyLimits(t *testing.T) {
	want := map[string]int64{
		"enrol": MaxEnrolBody, "activate": MaxActivateBody, "claim": MaxClaimBody, "renew": MaxRenewBody,
		"release": MaxReleaseBody, "report": MaxReportBody, "deposit": MaxDepositBody, "receipt": MaxReceiptBody,
		"receiptImage": MaxReceiptImage, "journalEntries": MaxJournalEntriesBody,
		"journalCheckpoint": MaxJournalCheckpointBody,
	}
	have := map[string]int64{}
	for _, item := range contract(t).Paths.Map() {
		for _, op := range item.Operations() {
			if limit, ok := op.Extensions["x-max-body-bytes"]; ok {
				have[op.OperationID] = int64(limit.(float64))
			} else if op.RequestBody != nil {
				t.Errorf("%s has a body and no x-max-body-bytes", op.OperationID)
			}
		}
	}
	if d := cmp.Diff(want, have); d != "" {
		t.Error(d)
	}
	if have := contract(t).Extensions["x-max-answer-bytes"]; have != float64(MaxAnswer) {
		t.Errorf("x-max-answer-bytes is %v, MaxAnswer %d", have, MaxAnswer)
	}
}

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
	for _, c := range []struct {
		name       string
		have, want int64
	}{
		{"Claim.jobs", int64(*field("Claim", "jobs").MaxItems), MaxClaimJobs},
		{"ClaimRequest.max", int64(*field("ClaimRequest", "max").Max), MaxClaimJobs},
		{"ReleaseRequest.jobs", int64(*field("ReleaseRequest", "jobs").MaxItems), MaxClaimJobs},
		{"EventBatch.events", int64(*field("EventBatch", "events").MaxItems), MaxEvents},
		{"DepositRequest.attempts", int64(*field("DepositRequest", "attempts").MaxItems), MaxDepositAttempts},
		{"Problem.attempts", int64(*field("Problem", "attempts").MaxItems), MaxDepositAttempts},
		{"ReceiptRequest.numbers", int64(*field("ReceiptRequest", "numbers").MaxItems), MaxReceiptNumbers},
		{"ReceiptRequest.size", int64(*field("ReceiptRequest", "size").Max), MaxReceiptImage},
		{"JournalEntries.entries", int64(*field("JournalEntries", "entries").MaxItems), MaxJournalEntries},
		{"an entry", int64(*field("JournalEntries", "entries").Items.Value.MaxLength), MaxEntry},
		{"SignedNote.note", int64(*field("SignedNote", "note").MaxLength), MaxNote},
		{"Staff.people", int64(*field("Staff", "people").MaxItems), MaxPeople},
		{"Job.details", int64(*field("Job", "details").MaxLength), MaxDetails},
		{"Job.paid_pages", int64(*field("Job", "paid_pages").Max), MaxPaidPages},
		{"Document.size", int64(*field("Document", "size").Max), MaxDocument},
		{"Event.number", int64(*field("Event", "number").Max), MaxNumber},
		{"Event.sheets", int64(*field("Event", "sheets").Max), MaxSheets},
		{"Notice.orders", int64(*field("Notice", "orders").MaxItems), MaxOrders},
		{"Notice.waiting", int64(*field("Notice", "waiting").Max), MaxWaiting},
		{"Problem.detail", int64(*field("Problem", "detail").MaxLength), MaxDetailText},
	} {
		if c.have != c.want {
			t.Errorf("%s: the contract says %d, limits.go %d", c.name, c.have, c.want)
		}
	}
}

// TestProblemTypes holds the table of the contract, its enumeration and the Go side together.
func TestProblemTypes(t *testing.T) {
	schema := contract(t).Components.Schemas["ProblemType"].Value
	listed := map[ProblemType]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| ([0-9]{3}) \\|").FindAllStringSubmatch(schema.Description, -1) {
		status, err := strconv.Atoi(row[2])
		if err != nil {
			t.Fatal(err)
		}
		listed[ProblemType("urn:bjet24:problem:"+row[1])] = status
	}
	if len(listed) != len(schema.Enum) {
		t.Errorf("%d types in the table, %d in the enumeration", len(listed), len(schema.Enum))
	}
	for _, value := range schema.Enum {
		p := ProblemType(value.(string))
		if !p.Valid() {
			t.Errorf("%s is not generated", p)
		}
		if p.Status() != listed[p] {
			t.Errorf("%s: status %d, the table says %d", p, p.Status(), listed[p])
		}
		if p.Title() == "" || strings.Contains(p.Title(), "unknown problem") {
			t.Errorf("%s has no title", p)
		}
	}
}
