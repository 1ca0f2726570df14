package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Settings keeps what operators change while the service runs.
type Settings interface {
	// Settings gives them as they are now, without asking anybody.
	Settings() account.Settings

	// ChangeSettings lets change change them and gives what became of it.
	ChangeSettings(ctx context.Context, change func(*account.Settings)) (account.Settings, error)

	// Terms are those that operators have published, ascending by version, without
	// asking anybody.
	Terms() []account.TermsText

	// PublishTerms adds a version. uptime.ErrConflict if there is one of that day
	// or a later one.
	PublishTerms(ctx context.Context, t account.TermsText) error
}

// configured is an installation in which nothing can be changed while it runs.
type configured struct{}

// Settings implements Settings.
func (configured) Settings() account.Settings { return account.Settings{} }

// ChangeSettings implements Settings.
func (configured) ChangeSettings(context.Context, func(*account.Settings)) (account.Settings, error) {
	return account.Settings{}, uptime.ErrUnavailable
}

// Terms implements Settings.
func (configured) Terms() []account.TermsText { return nil }

// PublishTerms implements Settings.
func (configured) PublishTerms(context.Context, account.TermsText) error {
	return uptime.ErrUnavailable
}

// registration says who may register now.
func (s *Server) registration() string {
	if set := s.deps.Settings.Settings().Registration; set != "" {
		return set
	}
	return s.cfg.Registration
}

// policy is what is judged by now.
func (s *Server) policy() uptime.Policy {
	p := s.cfg.Policy
	if set := s.deps.Settings.Settings().StopAfter; set != nil {
		p.FailuresToStop = *set
	}
	return p
}

// announcement is nil if there is none.
func (s *Server) announcement() *AnnouncementWords {
	words := AnnouncementWords(s.deps.Settings.Settings().Announcement)
	return optional(words)
}

// AnnouncementWords is what the operator tells everybody: plain text with line
// breaks. A language may be missing; both empty is no announcement.
type AnnouncementWords struct {
	Ja string `json:"ja" validate:"required" maxLength:"1000"`
	En string `json:"en" validate:"required" maxLength:"1000"`
} //	@name	Announcement

// maxAnnouncement bounds it, in characters of one language.
const maxAnnouncement = 1000

// ConfiguredSettings is what holds where nothing was set.
type ConfiguredSettings struct {
	Registration string `json:"registration" validate:"required" enums:"open,invite,closed"`
	StopAfter    int    `json:"stop_after" validate:"required"` // 0: never
} //	@name	ConfiguredSettings

// SettingsResponse is what operators change while the service runs.
type SettingsResponse struct {
	Registration *string             `json:"registration" validate:"required" enums:"open,invite,closed" extensions:"x-nullable"` // null: as configured
	StopAfter    *int                `json:"stop_after" validate:"required" extensions:"x-nullable"`                              // failures; 0: never; null: as configured
	Announcement *AnnouncementWords  `json:"announcement" validate:"required" extensions:"x-nullable"`
	HaltedAt     *time.Time          `json:"halted_at" validate:"required" format:"date-time" extensions:"x-nullable"` // since when all watching is stopped; null: it goes on
	Configured   *ConfiguredSettings `json:"configured" validate:"required"`                                           // by the environment
} //	@name	Settings

func (s *Server) settingsResponse(v account.Settings) SettingsResponse {
	return SettingsResponse{
		Registration: optional(v.Registration), StopAfter: v.StopAfter, Announcement: optional(AnnouncementWords(v.Announcement)),
		HaltedAt:   stamp(v.HaltedAt),
		Configured: &ConfiguredSettings{Registration: s.cfg.Registration, StopAfter: s.cfg.Policy.FailuresToStop},
	}
}

// settable is a member that may be left out, null, or a value.
type settable[T any] struct {
	given bool
	value *T // nil if null was given
}

// UnmarshalJSON is called for members that are there, null too.
func (v *settable[T]) UnmarshalJSON(text []byte) error {
	*v = settable[T]{given: true}
	if bytes.Equal(text, []byte("null")) {
		return nil
	}
	v.value = new(T)
	return json.Unmarshal(text, v.value)
}

// SettingsPatch changes settings.
type SettingsPatch struct {
	Registration settable[string]   `json:"registration" swaggertype:"string" enums:"open,invite,closed" extensions:"x-nullable"` // null: as configured
	StopAfter    settable[int]      `json:"stop_after" swaggertype:"integer" extensions:"x-nullable"`                             // 0, or more than failures_to_down; null: as configured
	Announcement *AnnouncementWords `json:"announcement"`
} //	@name	SettingsPatch

// check tells all faults at once.
func (r SettingsPatch) check(p uptime.Policy) error {
	q := &query{}
	if v := r.Registration.value; v != nil {
		switch *v {
		case account.RegistrationOpen, account.RegistrationInvite, account.RegistrationClosed:
		default:
			q.fault("registration", "not_one_of", "registration must be open, invite or closed.")
		}
	}
	if v := r.StopAfter.value; v != nil {
		p.FailuresToStop = *v
		if p.Validate() != nil || *v > maxStopAfter {
			q.fault("stop_after", "out_of_range", "stop_after must be 0 (never), or more than the failures that confirm an anomaly and at most 1000.")
		}
	}
	if v := r.Announcement; v != nil {
		checkAnnouncement(q, "announcement.ja", v.Ja)
		checkAnnouncement(q, "announcement.en", v.En)
	}
	return q.err()
}

// maxStopAfter is that of HINOMI_FAILURES_TO_STOP too.
const maxStopAfter = 1000

// checkAnnouncement lets lines break.
func checkAnnouncement(q *query, field, text string) {
	checkText(q, field, strings.NewReplacer("\r\n", " ", "\n", " ").Replace(text), maxAnnouncement)
}

func (r SettingsPatch) apply(v *account.Settings) {
	if r.Registration.given {
		v.Registration = ""
		if to := r.Registration.value; to != nil {
			v.Registration = *to
		}
	}
	if r.StopAfter.given {
		v.StopAfter = r.StopAfter.value
	}
	if r.Announcement != nil {
		v.Announcement = account.Announcement{Ja: strings.TrimSpace(r.Announcement.Ja), En: strings.TrimSpace(r.Announcement.En)}
	}
}

// getSettings shows what operators may change while the service runs
//
//	@ID				getSettings
//	@Summary		Settings of the service
//	@Description	For operators. What is null is as configured.
//	@Tags			operator
//	@Security		bearer
//	@Success		200	{object}	SettingsResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/settings [get]
func (s *Server) getSettings(c *gin.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	return read(c, s.settingsResponse(s.deps.Settings.Settings()))
}

// changeSettings changes settings at once, without a restart
//
//	@ID				changeSettings
//	@Summary		Change settings of the service
//	@Description	For operators. They hold at once, and over restarts. `registration` and `stop_after` null go back to what is
//	@Description	configured. A new `stop_after` counts from the next failure on; what is stopped stays stopped.
//	@Tags			operator
//	@Security		bearer
//	@Param			body	body		SettingsPatch	true	"what changes"
//	@Success		200		{object}	SettingsResponse
//	@Failure		400		{object}	Problem	"malformed_json"
//	@Failure		401		{object}	Problem	"unauthenticated"
//	@Failure		403		{object}	Problem	"forbidden"
//	@Failure		413		{object}	Problem	"body_too_large"
//	@Failure		415		{object}	Problem	"unsupported_media_type"
//	@Failure		422		{object}	Problem	"invalid_input"
//	@Failure		500		{object}	Problem	"internal"
//	@Failure		503		{object}	Problem	"unavailable"
//	@Router			/operator/settings [patch]
func (s *Server) changeSettings(c *gin.Context) error {
	var req SettingsPatch
	if err := decode(c, &req); err != nil {
		return err
	}
	if err := req.check(s.cfg.Policy); err != nil {
		return err
	}
	after, err := s.deps.Settings.ChangeSettings(c.Request.Context(), req.apply)
	if err != nil {
		return err
	}
	return wrote(c, http.StatusOK, s.settingsResponse(after))
}

func (s *Server) routeSettings(v1 *gin.RouterGroup) {
	v1.GET("/operator/settings", s.quick(s.operating(s.getSettings)))
	v1.PATCH("/operator/settings", s.quick(s.operating(s.changeSettings)))
	v1.POST("/operator/terms", s.quick(s.operating(s.publishTerms)))
}
