package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// termsNow are the terms that are in force.
func (s *Server) termsNow() account.TermsText {
	return account.TermsAt(s.deps.Settings.Terms(), s.cfg.Now())
}

// TermsResponse is the terms of use and privacy in both languages: headings
// with "## ", items with "- ", paragraphs between empty lines.
type TermsResponse struct {
	Version  string   `json:"version" validate:"required" example:"2026-11-22"` // the day (UTC) on which they came, or come, into force
	Ja       string   `json:"ja" validate:"required"`
	En       string   `json:"en" validate:"required"`
	Current  string   `json:"current" validate:"required" example:"2026-11-22"` // version that is in force
	Versions []string `json:"versions" validate:"required"`                     // all, the newest first; those after current come into force
} //	@name	Terms

// terms shows what people accept
//
//	@ID			getTerms
//	@Summary	Terms of use and privacy
//	@Tags		service
//	@Param		version	query		string	false	"one of versions; that which is in force if not given"
//	@Success	200		{object}	TermsResponse
//	@Failure	404		{object}	Problem	"not_found"
//	@Failure	422		{object}	Problem	"invalid_input"
//	@Failure	500		{object}	Problem	"internal"
//	@Router		/terms [get]
func (s *Server) terms(c *gin.Context) error {
	q := readQuery(c, "version")
	if err := q.err(); err != nil {
		return err
	}
	shown := s.termsNow()
	if version := q.text("version"); version != "" {
		all := s.allTerms()
		at := slices.IndexFunc(all, func(t account.TermsText) bool { return t.Version == version })
		if at < 0 {
			return notFound()
		}
		shown = all[at]
	}
	return read(c, s.termsResponse(shown))
}

// allTerms are those that Hinomi brings and what was published since, ascending.
func (s *Server) allTerms() []account.TermsText {
	return append([]account.TermsText{account.StandardTerms()}, s.deps.Settings.Terms()...)
}

func (s *Server) termsResponse(t account.TermsText) TermsResponse {
	versions := each(s.allTerms(), func(t account.TermsText) string { return t.Version })
	slices.Reverse(versions)
	return TermsResponse{Version: t.Version, Ja: t.Ja, En: t.En, Current: s.termsNow().Version, Versions: versions}
}

// NewTermsRequest is a version of the terms of use and privacy in both
// languages: headings with "## ", items with "- ", paragraphs between empty
// lines.
type NewTermsRequest struct {
	Version string `json:"version" validate:"required" format:"date" example:"2027-04-01"`
	Ja      string `json:"ja" validate:"required" maxLength:"15000"`
	En      string `json:"en" validate:"required" maxLength:"15000"`
} //	@name	NewTerms

// Bounds of terms: characters of one language, and how long before they come
// into force they may be published.
const (
	maxTerms      = 15_000
	maxTermsAhead = 366 * 24 * time.Hour
)

// check tells all faults at once.
func (r NewTermsRequest) check(known []account.TermsText, now time.Time) (account.TermsText, error) {
	q := &query{}
	t := account.TermsText{Version: r.Version, Ja: tidyTerms(q, "ja", r.Ja), En: tidyTerms(q, "en", r.En)}
	day, err := time.Parse(time.DateOnly, r.Version)
	newest := known[len(known)-1].Version
	switch {
	case err != nil:
		q.fault("version", "malformed", "The version must be a day such as 2027-04-01.")
	case r.Version < now.UTC().Format(time.DateOnly) || day.Sub(now) > maxTermsAhead:
		q.fault("version", "out_of_range", "The day must be today (UTC) or within a year.")
	case r.Version <= newest:
		q.fault("version", "not_newer", "There is a version of that day or a later one: "+newest+".")
	}
	return t, q.err()
}

func tidyTerms(q *query, field, text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	if text == "" {
		q.fault(field, "required", "The terms are needed in both languages.")
	}
	checkText(q, field, strings.ReplaceAll(text, "\n", " "), maxTerms)
	return text + "\n"
}

// publishTerms puts a version of the terms in the place of the present one
//
//	@ID				publishTerms
//	@Summary		Publish terms of use and privacy
//	@Description	For operators. They come into force on the day that is their version (00:00 UTC), today at the earliest; whoever
//	@Description	signs in after that is asked to accept them. What was published is never changed. Once there are terms of the
//	@Description	operator's own, those that Hinomi brings hold no longer.
//	@Tags			operator
//	@Security		bearer
//	@Param			body	body		NewTermsRequest	true	"the terms"
//	@Success		201		{object}	TermsResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/terms [post]
func (s *Server) publishTerms(c *gin.Context) error {
	var req NewTermsRequest
	if err := decode(c, &req); err != nil {
		return err
	}
	t, err := req.check(s.allTerms(), s.cfg.Now())
	if err != nil {
		return err
	}
	err = s.deps.Settings.PublishTerms(c.Request.Context(), t)
	if errors.Is(err, uptime.ErrConflict) { // another operator was faster
		return invalidField("version", "not_newer", "There is a version of that day or a later one.")
	}
	if err != nil {
		return err
	}
	c.Set(auditObjectKey, t.Version)
	return wrote(c, http.StatusCreated, s.termsResponse(t))
}
