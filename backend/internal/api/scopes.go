package api

import (
	"strings"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// What a route asks of API tokens, besides the scopes.
const (
	sessionOnly account.Scope = ""     // refuses them, as does a route that is not in the list
	openRoute   account.Scope = "open" // asks nobody who he is
)

// routeName is a route as routeScopes and the matrix of callers name it.
func routeName(method, path string) string {
	return method + " " + strings.TrimPrefix(path, "/api/v1")
}

// routeScopes says of every route below /api/v1 which scope an API token needs.
// Whoever adds a route decides here; a test holds the list against the router.
func routeScopes() map[string]account.Scope {
	scopes := map[string]account.Scope{}
	for need, routes := range scopedRoutes() {
		for _, route := range routes {
			scopes[route] = need
		}
	}
	return scopes
}

func scopedRoutes() map[account.Scope][]string {
	return map[account.Scope][]string{
		openRoute: {
			"POST /auth/register", "POST /auth/verify", "POST /auth/resend",
			"POST /me/email/confirm", "POST /auth/password/forgot", "POST /auth/password/reset",
			"POST /auth/login", "POST /auth/refresh", "POST /auth/logout",
			"POST /contacts/verify", "GET /unsubscribe/:token", "POST /unsubscribe/:token", "GET /terms", "GET /service",
			"GET /report/links/:token",
		},
		sessionOnly: {
			"GET /me/audit", "GET /operator/audit",
			"POST /me/password", "POST /me/email", "POST /me/email/code", "DELETE /me", "GET /me/export", "GET /me/sessions", "DELETE /me/sessions/:id",
			"GET /me/tokens", "POST /me/tokens", "DELETE /me/tokens/:id",
			"GET /me/totp", "POST /me/totp", "POST /me/totp/enable", "POST /me/totp/disable", "POST /me/totp/recovery",
			"GET /operator/mails", "POST /operator/mails/:id/retry", "GET /operator/accounts", "GET /operator/accounts/:id", "PATCH /operator/accounts/:id", "POST /operator/accounts/:id/open",
			"GET /operator/accounts/:id/quotas", "PUT /operator/accounts/:id/quotas",
			"GET /operator/targets/allow", "POST /operator/targets/allow", "DELETE /operator/targets/allow/:id",
			"GET /operator/requests", "DELETE /operator/requests/:id",
			"GET /operator/shared-networks", "PUT /operator/shared-networks", "GET /operator/targets", "GET /operator/collisions",
			"POST /operator/targets/:id/release",
			"GET /operator/lines", "POST /operator/stop", "POST /operator/resume", "POST /operator/terms", "GET /operator/settings", "PATCH /operator/settings",
			"POST /operator/invites", "GET /operator/invites", "DELETE /operator/invites/:id",
		},
		account.ScopeRead:  {"GET /me"},
		account.ScopeWrite: {"PATCH /me"},

		account.ScopeContactsRead:  {"GET /contacts", "GET /contacts/:id/mails"},
		account.ScopeContactsWrite: {"POST /contacts", "PATCH /contacts/:id", "DELETE /contacts/:id", "POST /contacts/:id/test", "POST /contacts/:id/resend", "POST /contacts/:id/resubscribe", "POST /contacts/:id/verify"},

		account.ScopeTargetsRead: {"GET /targets", "GET /targets/:id", "GET /monitors", "GET /monitors/:id"},
		account.ScopeTargetsWrite: {
			"POST /targets", "PATCH /targets/:id", "DELETE /targets/:id", "POST /targets/:id/resume",
			"POST /targets/ask", "POST /targets/:id/proof",
			"POST /monitors", "POST /monitors/resume", "PATCH /monitors/:id", "DELETE /monitors/:id",
			"POST /monitors/:id/pause", "POST /monitors/:id/resume", "POST /monitors/:id/probe",
		},
		account.ScopeResultsRead: {
			"GET /status", "GET /monitors/:id/results", "GET /monitors/:id/report", "GET /monitors/:id/report/download",
			"GET /report/download", "POST /report/links", "GET /incidents", "GET /lines",
		},
	}
}
