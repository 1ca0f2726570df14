package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// unaudited are the routes that take a method of change and change nothing that
// anybody would ask about, with the reason. All others are written down.
func unaudited() map[string]string {
	return map[string]string{
		"POST /auth/refresh":       "goes on with a session, every few minutes",
		"POST /monitors/:id/probe": "measures for the asker and keeps nothing",
	}
}

// Where a request keeps what its entry will say.
const (
	auditAccountKey = "audit account" // int64: whom an open route turned out to be about
	auditSubjectKey = "audit subject" // int64: another account that an operator acts on
	auditObjectKey  = "audit object"  // string
	auditDetailKey  = "audit detail"  // string
	auditNothingKey = "audit nothing" // bool: the request found nothing to change
	auditSignInKey  = "audit sign-in" // string: the address that was typed
	problemKey      = "problem"       // string: code of the answer
)

// isAbout says whom a route that nobody is signed in at is about.
func isAbout(c *gin.Context, accountID int64) { c.Set(auditAccountKey, accountID) }

// actsOn says which account an operator's request changes: it is written in
// that one's log too.
func actsOn(c *gin.Context, accountID int64) { c.Set(auditSubjectKey, accountID) }

// because says more of a change than its action does: never what was sent in
// confidence.
func because(c *gin.Context, detail string) { c.Set(auditDetailKey, detail) }

// changesNothing says that a request succeeds and there was nothing to do.
func changesNothing(c *gin.Context) { c.Set(auditNothingKey, true) }

// made notes the id of what an answer shows.
func made(c *gin.Context, answer any) {
	var id int64
	switch a := answer.(type) {
	case TargetResponse:
		id = a.ID
	case MonitorResponse:
		id = a.ID
	case ContactResponse:
		id = a.ID
	case NewAPITokenResponse:
		id = a.ID
	case AllowedHostResponse:
		id = a.ID
	case NewInviteResponse:
		id = a.ID
	}
	if id != 0 {
		c.Set(auditObjectKey, strconv.FormatInt(id, 10))
	}
}

// auditWithin bounds the writing of an entry. It goes on when the client hangs
// up.
const auditWithin = time.Second

// audit writes one entry for every request that changed something, and for
// sign-ins that failed. It stands before every route of the API, so that a new
// one is written down unless unaudited names it.
func (s *Server) audit(c *gin.Context) {
	c.Next()
	route := routeName(c.Request.Method, c.FullPath())
	if !changes(c.Request.Method) {
		return
	}
	e := s.auditEntry(c, route)
	switch status := c.Writer.Status(); {
	case status >= http.StatusBadRequest && !s.failedSignIn(c, route):
		return
	case status >= http.StatusBadRequest:
		e.Detail = c.GetString(problemKey)
	case s.unaudited[route] != "" || c.GetBool(auditNothingKey):
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), auditWithin)
	defer cancel()
	s.writeAudit(ctx, e)
	if subject := c.GetInt64(auditSubjectKey); subject != 0 && subject != e.AccountID {
		// From where stands in the operator's own log.
		s.writeAudit(ctx, account.AuditEntry{
			AccountID: subject, Actor: account.ByOperator, ActorID: e.ActorID, Action: e.Action, Object: e.Object, Detail: e.Detail,
		})
	}
}

// writeAudit leaves in the log of the process what the database did not take:
// the change itself is done.
func (s *Server) writeAudit(ctx context.Context, e account.AuditEntry) {
	if err := s.deps.Audit.WriteAudit(ctx, e); err != nil {
		s.log.Error("audit entry not written", "account", e.AccountID, "actor", e.Actor, "actor_id", e.ActorID,
			"action", e.Action, "object", e.Object, "address", e.Address, "detail", e.Detail, "error", err)
	}
}

func changes(method string) bool {
	return method != http.MethodGet && method != http.MethodHead && method != http.MethodOptions
}

func (s *Server) auditEntry(c *gin.Context, route string) account.AuditEntry {
	who := callerOf(c)
	e := account.AuditEntry{
		AccountID: who.account.ID, Actor: account.ByAccount, SessionID: who.session, APITokenID: who.token.ID,
		Action: s.actions[route], Object: c.Param("id"), Detail: c.GetString(auditDetailKey),
		Address: c.ClientIP(), UserAgent: shorten(c.Request.UserAgent(), maxUserAgent),
	}
	if e.Action == "" {
		e.Action = route
	}
	if e.Object == "" {
		e.Object = c.GetString(auditObjectKey)
	}
	if e.AccountID == 0 {
		e.AccountID, e.Actor = c.GetInt64(auditAccountKey), account.ByNobody
	}
	if e.ActorID = e.AccountID; e.ActorID != 0 && c.Writer.Status() < http.StatusBadRequest {
		e.Actor = account.ByAccount
	}
	if e.Actor == account.ByNobody {
		e.ActorID = 0
	}
	return e
}

// failedSignIn tells whether a request was a sign-in that failed and is to be
// written down: of one address or account some an hour, so that nobody fills
// the log. It counts what was typed and not what exists.
func (s *Server) failedSignIn(c *gin.Context, route string) bool {
	if route != "POST /auth/login" {
		return false
	}
	switch c.GetString(problemKey) {
	case "invalid_credentials", "totp_wrong", "account_disabled":
	default:
		return false
	}
	_, ok := s.throttles.failures.Take(c.GetString(auditSignInKey), s.cfg.Now())
	return ok
}

// auditActions names the routes by the ids of their operations.
func auditActions() (map[string]string, error) {
	var spec struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(specJSON, &spec); err != nil {
		return nil, fmt.Errorf("read description: %w", err)
	}
	param := regexp.MustCompile(`\{(\w+)\}`)
	actions := map[string]string{}
	for path, operations := range spec.Paths {
		for method, raw := range operations {
			var operation struct {
				ID string `json:"operationId"`
			}
			if json.Unmarshal(raw, &operation) == nil && operation.ID != "" {
				actions[strings.ToUpper(method)+" "+param.ReplaceAllString(path, ":$1")] = operation.ID
			}
		}
	}
	return actions, nil
}
