package api

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Problem is an error as clients read it (RFC 9457).
type Problem struct {
	Type   string       `json:"type" validate:"required" example:"about:blank"`
	Title  string       `json:"title" validate:"required" example:"Not Found"`
	Status int          `json:"status" validate:"required" example:"404"`
	Code   string       `json:"code" validate:"required" example:"not_found"` // stable, for scripts
	Detail string       `json:"detail,omitempty" example:"There is no such monitor."`
	Errors []FieldFault `json:"errors,omitempty"` // what is wrong with the input

	Quota *QuotaFault `json:"quota,omitempty"` // of too_many only

	Proof *ProofTask `json:"proof,omitempty"` // of host_taken at registration only: publish it and register again

	TermsVersion string `json:"terms_version,omitempty" example:"2026-11-22"` // to be accepted; of terms_changed only
} //	@name	Problem

// FieldFault is one fault of the input.
type FieldFault struct {
	Field   string `json:"field" validate:"required" example:"host"`
	Code    string `json:"code" validate:"required" example:"required"`
	Message string `json:"message" validate:"required"`
} //	@name	FieldFault

// QuotaFault is the quota that leaves no room.
type QuotaFault struct {
	Name  string `json:"name" validate:"required" enums:"targets,monitors,contacts"`
	Limit int    `json:"limit" validate:"required" example:"20"`
} //	@name	QuotaFault

// fault is an error that knows how it is answered.
type fault struct {
	status int
	code   string
	detail string
	fields []FieldFault
	wait   time.Duration // before another try makes sense; 0 if it is not known
	quota  *QuotaFault   // that is used up; nil if it is not about one
	proof  *ProofTask    // what shows that a host is one's own; nil if it is not about one
	terms  string        // version to be accepted; "" if it is not about terms
}

func (f *fault) Error() string { return f.code + ": " + f.detail }

func newFault(status int, code, detail string) *fault {
	return &fault{status: status, code: code, detail: detail}
}

// The answers that many handlers give.
func notFound() error {
	return newFault(http.StatusNotFound, "not_found", "There is no such thing here.")
}

func forbidden() error {
	return newFault(http.StatusForbidden, "forbidden", "This is for the operator of the service.")
}

func unauthenticated(detail string) error {
	return newFault(http.StatusUnauthorized, "unauthenticated", detail)
}

// invalid is the answer to input whose fields are at fault.
func invalid(fields ...FieldFault) *fault {
	return &fault{status: http.StatusUnprocessableEntity, code: "invalid_input", detail: "Some of the input is not valid.", fields: fields}
}

func invalidField(field, code, message string) error {
	return invalid(FieldFault{Field: field, Code: code, Message: message})
}

// answers is the one table from error kinds to answers, asked in this order.
func answers() []struct {
	kind  error
	fault fault
} {
	return []struct {
		kind  error
		fault fault
	}{
		{uptime.ErrNotFound, fault{status: http.StatusNotFound, code: "not_found", detail: "There is no such thing here."}},
		{uptime.ErrConflict, fault{status: http.StatusConflict, code: "conflict", detail: "It already exists."}},
		{uptime.ErrTooMany, fault{status: http.StatusUnprocessableEntity, code: "too_many", detail: "The account has as many as it may have."}},
		{uptime.ErrUnavailable, fault{status: http.StatusServiceUnavailable, code: "unavailable", detail: "The service cannot answer right now. Try again in a few seconds."}},
		{context.DeadlineExceeded, fault{status: http.StatusServiceUnavailable, code: "unavailable", detail: "The service is busy. Try again in a few seconds."}},
	}
}

// faultOf finds the answer to an error; what is in no table is our own fault.
func faultOf(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	if f := quotaFault(err); f != nil {
		return f
	}
	if f := claimFault(err); f != nil {
		return f
	}
	for _, a := range answers() {
		if errors.Is(err, a.kind) {
			return &a.fault
		}
	}
	return newFault(http.StatusInternalServerError, "internal", "Something went wrong on our side.")
}

// retryAfter tells clients when to try again, in seconds.
const retryAfter = "5"

// fail answers an error. Internal text is logged, never shown.
func (s *Server) fail(c *gin.Context, err error) {
	if errors.Is(c.Request.Context().Err(), context.Canceled) {
		c.Abort() // nobody is there to read an answer
		return
	}
	f := faultOf(err)
	if f.status >= http.StatusInternalServerError {
		level := slog.LevelWarn
		if f.status == http.StatusInternalServerError {
			level = slog.LevelError
		}
		s.log.Log(c.Request.Context(), level, "request failed", "method", c.Request.Method, "path", c.FullPath(), "error", err)
	}
	c.Set(problemKey, f.code)
	if f.wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int(math.Ceil(f.wait.Seconds()))))
	}
	switch f.status {
	case http.StatusUnauthorized:
		c.Header("WWW-Authenticate", `Bearer realm="hinomi"`)
	case http.StatusServiceUnavailable:
		c.Header("Retry-After", retryAfter)
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", "application/problem+json")
	c.AbortWithStatusJSON(f.status, Problem{
		Type: "about:blank", Title: http.StatusText(f.status), Status: f.status,
		Code: f.code, Detail: f.detail, Errors: f.fields, Quota: f.quota, Proof: f.proof, TermsVersion: f.terms,
	})
}
