package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/swaggo/swag"
)

// generate reads the handlers' comments (swag writes Swagger 2.0), makes
// OpenAPI 3.0.3 of them and gives it as indented JSON.
func generate(apiDir string) ([]byte, error) {
	parser := swag.New(swag.SetDebugger(log.New(io.Discard, "", 0)), swag.SetStrict(true))
	if err := parser.ParseAPI(apiDir, "doc.go", 1); err != nil {
		return nil, fmt.Errorf("parse comments: %w", err)
	}
	swagger, err := json.Marshal(parser.GetSwagger())
	if err != nil {
		return nil, fmt.Errorf("write swagger: %w", err)
	}
	var v2 openapi2.T
	if err := json.Unmarshal(swagger, &v2); err != nil {
		return nil, fmt.Errorf("read swagger: %w", err)
	}
	v3, err := openapi2conv.ToV3(&v2)
	if err != nil {
		return nil, fmt.Errorf("convert: %w", err)
	}
	patch(v3)
	if err := v3.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("validate: %w", err)
	}
	return indent(v3)
}

func indent(v3 *openapi3.T) ([]byte, error) {
	compact, err := json.Marshal(v3)
	if err != nil {
		return nil, fmt.Errorf("write description: %w", err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, compact, "", "  "); err != nil {
		return nil, fmt.Errorf("indent description: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

// patch mends what Swagger 2.0 cannot say.
func patch(v3 *openapi3.T) {
	v3.OpenAPI = "3.0.3"
	v3.Servers = openapi3.Servers{{URL: "/api/v1"}}
	v3.Components.SecuritySchemes = openapi3.SecuritySchemes{
		"bearer": {Value: openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer").
			WithDescription("An access token of POST /auth/login or an API token of POST /me/tokens.")},
	}
	v3.Components.Headers = rateHeaders()
	for _, schema := range v3.Components.Schemas {
		for _, property := range schema.Value.Properties {
			patchEnum(property.Value)
			patchReference(property.Value)
		}
	}
	for _, item := range v3.Paths.Map() {
		for _, op := range item.Operations() {
			patchOperation(op)
		}
	}
}

// patchReference names the type of an object that may be null: nullable means
// nothing without one (OpenAPI 3.0.3, proposal 2019-10-31).
func patchReference(s *openapi3.Schema) {
	if s != nil && s.Nullable && s.Type == nil && len(s.AllOf) > 0 {
		s.Type = &openapi3.Types{openapi3.TypeObject}
	}
}

// patchEnum lets null be one of the words of what may be null (OpenAPI 3.0.3,
// proposal 2019-10-31: nullable does not widen an enumeration).
func patchEnum(s *openapi3.Schema) {
	if s != nil && s.Nullable && len(s.Enum) > 0 {
		s.Enum = append(s.Enum, nil)
	}
}

func patchOperation(op *openapi3.Operation) {
	if op.Security == nil {
		op.Security = openapi3.NewSecurityRequirements() // public, said aloud
	}
	for status, response := range op.Responses.Map() {
		content := response.Value.Content
		switch {
		case len(content) == 0:
		case strings.HasPrefix(status, "2") && isFile(content):
			response.Value.Content = openapi3.Content{
				"text/csv":         {Schema: openapi3.NewStringSchema().NewRef()},
				"application/json": {Schema: openapi3.NewObjectSchema().NewRef()},
			}
		case !strings.HasPrefix(status, "2"):
			for _, media := range content {
				response.Value.Content = openapi3.Content{"application/problem+json": media}
			}
		}
	}
	if len(*op.Security) > 0 {
		refuseScopes(op)
		limitRates(op)
	}
}

// limitRates adds what every operation that asks for a credential may answer
// one that calls too often, and the headers that say what is left.
func limitRates(op *openapi3.Operation) {
	if op.Responses.Value("429") == nil {
		if unauthenticated := op.Responses.Value("401"); unauthenticated != nil {
			op.Responses.Set("429", &openapi3.ResponseRef{
				Value: openapi3.NewResponse().WithDescription("too_many_requests").WithContent(unauthenticated.Value.Content),
			})
		}
	}
	for status, response := range op.Responses.Map() {
		switch {
		case status == "429":
			response.Value.Headers = headerRefs("RateLimit-Policy", "RateLimit", "Retry-After")
		case strings.HasPrefix(status, "2"):
			response.Value.Headers = headerRefs("RateLimit-Policy", "RateLimit")
		}
	}
}

func headerRefs(names ...string) openapi3.Headers {
	refs, all := openapi3.Headers{}, rateHeaders()
	for _, name := range names {
		refs[name] = &openapi3.HeaderRef{Ref: "#/components/headers/" + name, Value: all[name].Value}
	}
	return refs
}

// rateHeaders are what headerRefs names.
func rateHeaders() openapi3.Headers {
	header := func(description, example string) *openapi3.HeaderRef {
		schema := openapi3.NewStringSchema()
		schema.Example = example
		return &openapi3.HeaderRef{Value: &openapi3.Header{Parameter: openapi3.Parameter{Description: description, Schema: schema.NewRef()}}}
	}
	return openapi3.Headers{
		"RateLimit-Policy": header("how many calls (q) are taken in how many seconds (w)", `"session";q=600;w=60`),
		"RateLimit":        header("how many are left (r) for how many seconds (t)", `"session";r=599;t=60`),
		"Retry-After":      header("seconds until another try makes sense", "12"),
	}
}

// refuseScopes adds what every operation that asks for a credential may answer
// an API token.
func refuseScopes(op *openapi3.Operation) {
	const code = "scope_missing: an API token may not do this"
	if forbidden := op.Responses.Value("403"); forbidden != nil {
		words := *forbidden.Value.Description + ", " + code
		forbidden.Value.Description = &words
		return
	}
	if unauthenticated := op.Responses.Value("401"); unauthenticated != nil {
		op.Responses.Set("403", &openapi3.ResponseRef{
			Value: openapi3.NewResponse().WithDescription(code).WithContent(unauthenticated.Value.Content),
		})
	}
}

// isFile tells whether an answer is a download.
func isFile(content openapi3.Content) bool {
	_, csv := content["text/csv"]
	return csv
}
