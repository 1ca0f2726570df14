package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// acceptTerms lets nobody in who has not agreed to the terms of now. It comes
// after the password, so that strangers do not learn what somebody agreed to.
func (s *Server) acceptTerms(c *gin.Context, a account.Account, accepted string) error {
	if err := termsFault(a, accepted); err != nil || a.TermsVersion == account.TermsVersion {
		return err
	}
	return s.deps.Accounts.AcceptTerms(c.Request.Context(), a.ID, accepted)
}

// termsFault tells whether there is something to agree to that was not.
func termsFault(a account.Account, accepted string) error {
	switch {
	case a.TermsVersion == account.TermsVersion:
		return nil
	case accepted != account.TermsVersion:
		return &fault{
			status: http.StatusForbidden, code: "terms_changed", terms: account.TermsVersion,
			detail: "The terms have changed. Read them at GET /terms and send their version along as accept_terms.",
		}
	}
	return nil
}
