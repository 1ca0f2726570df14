package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// acceptTerms lets nobody in who has not agreed to the terms of now. It comes
// after the password, so that strangers do not learn what somebody agreed to.
func (s *Server) acceptTerms(c *gin.Context, a account.Account, accepted string) error {
	now := s.termsNow().Version
	if err := termsFault(a, now, accepted); err != nil || a.TermsVersion == now {
		return err
	}
	return s.deps.Accounts.AcceptTerms(c.Request.Context(), a.ID, accepted)
}

// termsFault tells whether there is something to agree to that was not.
func termsFault(a account.Account, now, accepted string) error {
	switch {
	case a.TermsVersion == now:
		return nil
	case accepted != now:
		return &fault{
			status: http.StatusForbidden, code: "terms_changed", terms: now,
			detail: "The terms have changed. Read them at GET /terms and send their version along as accept_terms.",
		}
	}
	return nil
}
