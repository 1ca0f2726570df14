package api

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// description is the API's description, read once.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(specJSON)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

var describedRoutes = sync.OnceValues(func() (routers.Router, error) {
	doc, err := description()
	if err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("application/problem+json", openapi3filter.JSONBodyDecoder)
	return legacy.NewRouter(doc)
})

// described insists that an answer is one that the description promises.
func described(t *testing.T, req *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := describedRoutes()
	if err != nil {
		t.Fatal(err)
	}
	route, params, err := router.FindRoute(req)
	if err != nil {
		return // an address or method that is not ours
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true, ExcludeResponseBody: strings.Contains(req.URL.Path, "/download") || strings.HasSuffix(req.URL.Path, "/export")},
	}
	if w.Code == http.StatusNotModified {
		return // as RFC 9110 has it, not worth a line in every operation
	}
	if err := openapi3filter.ValidateResponse(t.Context(), input); err != nil {
		t.Errorf("%s %s: %d is not as described: %v", req.Method, req.URL.Path, w.Code, err)
	}
}

func TestEveryRouteIsDescribedAndNothingElse(t *testing.T) {
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	var routes, operations []string
	param := regexp.MustCompile(`:(\w+)`)
	for _, r := range newEmptyApp(t).server.engine.Routes() {
		if path, found := strings.CutPrefix(r.Path, "/api/v1"); found {
			routes = append(routes, r.Method+" "+param.ReplaceAllString(path, "{$1}"))
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			operations = append(operations, method+" "+path)
			checkOperation(t, method+" "+path, op)
		}
	}
	slices.Sort(routes)
	slices.Sort(operations)
	if !slices.Equal(routes, operations) {
		t.Errorf("routes\n%s\noperations\n%s", strings.Join(routes, "\n"), strings.Join(operations, "\n"))
	}
	if doc.OpenAPI != "3.0.3" || len(doc.Servers) != 1 || doc.Servers[0].URL != "/api/v1" {
		t.Errorf("OpenAPI %s, servers %v", doc.OpenAPI, doc.Servers)
	}
}

func checkOperation(t *testing.T, name string, op *openapi3.Operation) {
	t.Helper()
	if op.OperationID == "" || op.Summary == "" || len(op.Tags) != 1 || op.Security == nil {
		t.Errorf("%s: id %q, summary %q, tags %v, security %v", name, op.OperationID, op.Summary, op.Tags, op.Security)
	}
	signedIn := len(*op.Security) > 0
	if signedIn && op.Responses.Value("401") == nil {
		t.Errorf("%s does not tell 401", name)
	}
	for status, r := range op.Responses.Map() {
		if status >= "400" && r.Value.Content["application/problem+json"] == nil {
			t.Errorf("%s: %s is no problem", name, status)
		}
	}
}
