package central

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"espero-soft.com/printroom/sync/wire"
)

// contract checks request bodies against the very document that stations' developers read.
type contract struct {
	bodies map[string]*openapi3.Schema // by operationId
	uuid   *openapi3.Schema
}

func newContract(ctx context.Context) (*contract, error) {
	doc, err := openapi3.NewLoader().LoadFromData([]byte(wire.OpenAPI()))
	if err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, fmt.Errorf("read the contract: %w", err)
	}
	c := &contract{bodies: map[string]*openapi3.Schema{}, uuid: doc.Components.Schemas["UUID"].Value}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody == nil {
				continue
			}
			if media := op.RequestBody.Value.Content.Get("application/json"); media != nil {
				c.bodies[op.OperationID] = media.Schema.Value
			}
		}
	}
	return c, nil
}

// decode reads a body into v; what is wrong is a *wire.Problem that names the place, never the value.
func (c *contract) decode(operation string, body []byte, v any) error {
	var raw any
	if err := json.Unmarshal(body, &raw); err != nil {
		return wire.NewProblem(wire.ProblemBadRequest, "the body is not one JSON value")
	}
	if err := c.bodies[operation].VisitJSON(raw); err != nil {
		return wire.NewProblem(wire.ProblemBadRequest, "%s", place(err))
	}
	if err := wire.DecodeRequest(body, v); err != nil {
		return wire.NewProblem(wire.ProblemBadRequest, "a value of the body has the wrong form")
	}
	return nil
}

func place(err error) string {
	var wrong *openapi3.SchemaError
	if !errors.As(err, &wrong) {
		return "the body is not what the contract says"
	}
	return fmt.Sprintf("/%s: %s", strings.Join(wrong.JSONPointer(), "/"), wrong.SchemaField)
}

// id checks an id that stands in a path.
func (c *contract) id(id string) error {
	if err := c.uuid.VisitJSON(id); err != nil {
		return wire.NewProblem(wire.ProblemNotFound, "the id in the path is not a UUID in lower case")
	}
	return nil
}
