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
		"journalCheckpoint": MaxJournalCheckpointBody, "certificate": MaxCertificateBody, "grantPIN": MaxPINGrantBody,
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
