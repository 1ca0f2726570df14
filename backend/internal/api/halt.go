package api

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// mustNotBeHalted refuses what would send something to a host while an operator
// has stopped all watching.
func (s *Server) mustNotBeHalted() error {
	if s.deps.Settings.Settings().HaltedAt.IsZero() {
		return nil
	}
	return newFault(http.StatusConflict, "halted", "The operator has stopped all watching for now.")
}

// stopEverybody stops watching for all accounts
//
//	@ID				stopEverybody
//	@Summary		Stop watching, for everybody
//	@Description	For operators, when our own machine or way out does harm or is in trouble: from the next second on nothing is sent
//	@Description	to any host. States of monitors stay as they are, nothing is judged and no alert arises; mails that are owed go
//	@Description	out. It holds over restarts until it is resumed. No error if it is so already.
//	@Tags			operator
//	@Security		bearer
//	@Success		200	{object}	SettingsResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/stop [post]
func (s *Server) stopEverybody(c *gin.Context) error { return s.halt(c, s.cfg.Now()) }

// resumeEverybody goes on watching
//
//	@ID				resumeEverybody
//	@Summary		Go on watching, for everybody
//	@Description	For operators. Each monitor is checked at its next turn, within an interval, so that nothing bursts. Those that
//	@Description	stopped by failures, or were paused, stay so. No error if it is so already.
//	@Tags			operator
//	@Security		bearer
//	@Success		200	{object}	SettingsResponse
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		403	{object}	Problem	"forbidden"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/operator/resume [post]
func (s *Server) resumeEverybody(c *gin.Context) error { return s.halt(c, time.Time{}) }

// halt stops everything at a time, or goes on if it is zero.
func (s *Server) halt(c *gin.Context, at time.Time) error {
	already := false
	after, err := s.deps.Settings.ChangeSettings(c.Request.Context(), func(v *account.Settings) {
		if already = v.HaltedAt.IsZero() == at.IsZero(); !already {
			v.HaltedAt = at
		}
	})
	if err != nil {
		return err
	}
	if already {
		changesNothing(c)
	}
	return wrote(c, http.StatusOK, s.settingsResponse(after))
}

func (s *Server) routeHalt(v1 *gin.RouterGroup) {
	v1.POST("/operator/stop", s.quick(s.operating(s.stopEverybody)))
	v1.POST("/operator/resume", s.quick(s.operating(s.resumeEverybody)))
}
