package api

import (
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// ServiceResponse is how Hinomi is set up, for everybody.
type ServiceResponse struct {
	Version                  string  `json:"version" validate:"required"`
	IntervalSeconds          float64 `json:"interval_seconds" validate:"required"`           // as promised
	EffectiveIntervalSeconds float64 `json:"effective_interval_seconds" validate:"required"` // longer while the machine cannot keep up
	ProbeTimeoutSeconds      float64 `json:"probe_timeout_seconds" validate:"required"`
	FailuresToDown           int     `json:"failures_to_down" validate:"required"`
	SuccessesToUp            int     `json:"successes_to_up" validate:"required"`
	FailuresToStop           int     `json:"failures_to_stop" validate:"required"` // 0: never
	TargetPolicy             string  `json:"target_policy" validate:"required" enums:"public,any"`
	RetentionDays            int     `json:"retention_days" validate:"required"` // full UTC days besides today
	TermsVersion             string  `json:"terms_version" validate:"required"`
	MailMode                 string  `json:"mail_mode" validate:"required" enums:"smtp,stored"` // stored: written to files, not sent
	MailFrom                 *string `json:"mail_from" validate:"required" extensions:"x-nullable"`
	Registration             string  `json:"registration" validate:"required" enums:"open,invite,closed"` // who may register
	SetupRequired            bool    `json:"setup_required" validate:"required"`                          // nobody runs this installation yet
	Claims                   bool    `json:"claims" validate:"required"`                                  // one account watches a host or an address
	RequireProof             bool    `json:"require_proof" validate:"required"`                           // nothing is watched before its host is proven

	HaltedAt     *time.Time         `json:"halted_at" validate:"required" format:"date-time" extensions:"x-nullable"` // since when the operator has stopped all watching; null: it goes on
	Announcement *AnnouncementWords `json:"announcement" validate:"required" extensions:"x-nullable"`                 // of the operator, to everybody

	AllowedCountries []string   `json:"allowed_countries" validate:"required" extensions:"x-nullable"` // two-letter codes; null: any
	CountryBuiltAt   *time.Time `json:"country_built_at" validate:"required" format:"date-time" extensions:"x-nullable"`
	CountryOld       bool       `json:"country_old" validate:"required"` // the list of countries should be replaced by the operator
} //	@name	Service

// service tells how Hinomi is set up
//
//	@ID			getService
//	@Summary	How Hinomi is set up
//	@Tags		service
//	@Success	200	{object}	ServiceResponse
//	@Failure	422	{object}	Problem	"invalid_input"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/service [get]
func (s *Server) service(c *gin.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	setUp, err := s.deps.Accounts.HasOperator(c.Request.Context())
	if err != nil {
		return err
	}
	p := s.policy()
	r := ServiceResponse{
		Version: s.cfg.Version, IntervalSeconds: seconds(p.Interval), EffectiveIntervalSeconds: seconds(s.cfg.EffectiveInterval()),
		ProbeTimeoutSeconds: seconds(p.Timeout), FailuresToDown: p.FailuresToDown, SuccessesToUp: p.SuccessesToUp,
		FailuresToStop: p.FailuresToStop, TargetPolicy: s.cfg.TargetPolicy, RetentionDays: s.cfg.RetentionDays,
		TermsVersion: s.termsNow().Version, MailMode: s.cfg.MailMode, MailFrom: optional(s.cfg.MailFrom), SetupRequired: !setUp, Claims: !s.freely(), RequireProof: s.cfg.RequireProof,
		Registration: s.registration(), Announcement: s.announcement(), HaltedAt: stamp(s.deps.Settings.Settings().HaltedAt),
	}
	if known := s.deps.Countries; known != nil {
		r.AllowedCountries, r.CountryBuiltAt, r.CountryOld = known.AllowedCountries(), stamp(known.BuiltAt()), known.Old()
	}
	return read(c, r)
}

// LineResponse is a way out, with what firewalls must let in.
type LineResponse struct {
	Name      string   `json:"name" validate:"required"`
	Label     string   `json:"label" validate:"required"`
	Addresses []string `json:"addresses" validate:"required"` // as targets see them
	Warnings  []string `json:"warnings" validate:"required" enums:"behind_nat,same_way_out,no_address"`
	Device    *string  `json:"device,omitempty"`   // operators only
	Gateways  []string `json:"gateways,omitempty"` // operators only
} //	@name	Line

// LineList is all lines, in their order.
type LineList struct {
	Items      []LineResponse `json:"items" validate:"required"`
	NextCursor *string        `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	LineList

// listLines tells from where Hinomi looks
//
//	@ID				listLines
//	@Summary		Lines
//	@Description	The addresses that probes come from; open firewalls for all of them. `device` and `gateways` are shown to
//	@Description	operators only.
//	@Tags			service
//	@Security		bearer
//	@Success		200	{object}	LineList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/lines [get]
func (s *Server) listLines(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return read(c, LineList{Items: each(s.deps.Lines.Lines(), func(l uptime.LineStatus) LineResponse {
		return newLineResponse(l, a.Operates())
	})})
}

func newLineResponse(l uptime.LineStatus, operator bool) LineResponse {
	r := LineResponse{
		Name: l.Line.Name, Label: l.Line.DisplayName(), Addresses: each(l.Shown, netip.Addr.String),
		Warnings: append([]string{}, l.Warnings...),
	}
	if operator {
		r.Device, r.Gateways = &l.Device, each(l.Gateways, netip.Addr.String)
	}
	return r
}
