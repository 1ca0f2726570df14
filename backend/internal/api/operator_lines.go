package api

import (
	"net/netip"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// LineHealth knows what came of the probes over each line lately.
type LineHealth interface {
	LineHealth() map[uptime.LineID]uptime.LineHealth
}

// What operators are warned of, besides uptime.Warn….
const (
	warnNoReply = "no_reply" // nothing answers over the line, and over another it does

	warnLinksLocal     = "links_local"        // links in mails lead to the reader's own machine or network
	warnLinksPlain     = "links_plain"        // … and are not encrypted
	warnMailStored     = "mail_stored"        // mails are written to files and not sent
	warnMailFailed     = "mail_failed"        // mails were given up within the last day
	warnCountryOld     = "country_old"        // the list of countries
	warnStrangersHome  = "strangers_at_home"  // anybody may register and watch private networks
	warnIntervalLonger = "interval_stretched" // the machine cannot keep up
)

// OperatorLineResponse is a line with what came of its probes.
type OperatorLineResponse struct {
	LineResponse
	Health LineHealthResponse `json:"health" validate:"required"`
} //	@name	OperatorLine

// LineHealthResponse is what came of the probes over a line in the last ten to
// twenty minutes.
type LineHealthResponse struct {
	Warnings    []string   `json:"warnings" validate:"required" enums:"no_reply"`
	Replies     int        `json:"replies" validate:"required"`    // something answered, be it "no"
	Failures    int        `json:"failures" validate:"required"`   // nothing did
	Unmeasured  int        `json:"unmeasured" validate:"required"` // nothing could be sent or received
	LastReplyAt *time.Time `json:"last_reply_at" validate:"required" format:"date-time" extensions:"x-nullable"`
} //	@name	LineHealth

// OperatorLineList is all lines, in their order, and what is wrong with the
// service as a whole.
type OperatorLineList struct {
	Items      []OperatorLineResponse `json:"items" validate:"required"`
	NextCursor *string                `json:"next_cursor" validate:"required" extensions:"x-nullable"`
	Warnings   []string               `json:"warnings" validate:"required" enums:"links_local,links_plain,mail_stored,mail_failed,country_old,strangers_at_home,interval_stretched"`
} //	@name	OperatorLineList

// enoughProbes is how many must have failed before a line is suspected.
const enoughProbes = 10

// listOperatorLines shows how the lines and the service fare
//
//	@ID				listOperatorLines
//	@Summary		Lines with their health, and what is wrong with the service
//	@Description	For operators. `no_reply`: nothing answers over this line while something does over another.
//	@Tags			operator
//	@Security		bearer
//	@Success		200	{object}	OperatorLineList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/lines [get]
func (s *Server) listOperatorLines(c *gin.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	failed, err := s.deps.MailDesk.MailRecords(c.Request.Context(), uptime.MailFilter{State: uptime.MailFailed, Limit: 1})
	if err != nil {
		return err
	}
	health := s.deps.LineHealth.LineHealth()
	list := OperatorLineList{Warnings: s.warnings(failed)}
	list.Items = each(s.deps.Lines.Lines(), func(l uptime.LineStatus) OperatorLineResponse {
		h := health[l.Line.ID]
		r := LineHealthResponse{Warnings: []string{}, Replies: h.Replies, Failures: h.Failures, Unmeasured: h.Unmeasured, LastReplyAt: stamp(h.LastReply)}
		if h.Replies == 0 && h.Failures+h.Unmeasured >= enoughProbes && anyReply(health) {
			r.Warnings = append(r.Warnings, warnNoReply)
		}
		return OperatorLineResponse{LineResponse: newLineResponse(l, true), Health: r}
	})
	return read(c, list)
}

func anyReply(health map[uptime.LineID]uptime.LineHealth) bool {
	for _, h := range health {
		if h.Replies > 0 {
			return true
		}
	}
	return false
}

// warnings are of the service as a whole, by the newest mail that was given up.
func (s *Server) warnings(failed []uptime.MailRecord) []string {
	recently := slices.ContainsFunc(failed, func(m uptime.MailRecord) bool { return s.cfg.Now().Sub(m.FailedAt) < 24*time.Hour })
	old := s.deps.Countries != nil && s.deps.Countries.Old()
	local := s.cfg.PublicURL == nil || localHost(s.cfg.PublicURL.Hostname())
	all := []struct {
		code string
		is   bool
	}{
		{warnLinksLocal, local}, {warnLinksPlain, !local && s.cfg.PublicURL.Scheme != "https"},
		{warnMailStored, s.cfg.MailMode == MailStored}, {warnMailFailed, recently}, {warnCountryOld, old},
		{warnStrangersHome, s.freely() && s.registration() == account.RegistrationOpen},
		{warnIntervalLonger, s.cfg.EffectiveInterval() > s.cfg.Policy.Interval},
	}
	warnings := []string{}
	for _, w := range all {
		if w.is {
			warnings = append(warnings, w.code)
		}
	}
	return warnings
}

// localHost tells whether a host of a link is found from here alone.
func localHost(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host == "localhost"
	}
	return addr.IsLoopback() || addr.IsPrivate() || addr.IsLinkLocalUnicast() || addr.IsUnspecified()
}
