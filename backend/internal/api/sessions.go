package api

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// SessionResponse is a place where the account is signed in.
type SessionResponse struct {
	ID        string    `json:"id" validate:"required" format:"uuid"`
	UserAgent string    `json:"user_agent" validate:"required"` // as the browser named itself
	Current   bool      `json:"current" validate:"required"`    // the one that asks
	CreatedAt time.Time `json:"created_at" validate:"required" format:"date-time"`
	UsedAt    time.Time `json:"used_at" validate:"required" format:"date-time"` // when it last got an access token
	ExpiresAt time.Time `json:"expires_at" validate:"required" format:"date-time"`
} //	@name	Session

// SessionList is the account's sessions, the last used first.
type SessionList struct {
	Items      []SessionResponse `json:"items" validate:"required"`
	NextCursor *string           `json:"next_cursor" validate:"required" extensions:"x-nullable"`
} //	@name	SessionList

// listSessions shows where the account is signed in
//
//	@ID				listSessions
//	@Summary		Where the account is signed in
//	@Description	At most the 200 that were used last.
//	@Tags			me
//	@Security		bearer
//	@Success		200	{object}	SessionList
//	@Failure		401	{object}	Problem	"unauthenticated"
//	@Failure		422	{object}	Problem	"invalid_input"
//	@Failure		500	{object}	Problem	"internal"
//	@Failure		503	{object}	Problem	"unavailable"
//	@Router			/me/sessions [get]
func (s *Server) listSessions(c *gin.Context, a account.Account) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	sessions, err := s.deps.Sessions.LivingSessions(c.Request.Context(), a.ID)
	if err != nil {
		return err
	}
	current := s.currentSession(c)
	return read(c, SessionList{Items: each(sessions, func(k account.Session) SessionResponse {
		return SessionResponse{
			ID: k.ID, UserAgent: k.UserAgent, Current: k.ID == current,
			CreatedAt: k.CreatedAt.UTC(), UsedAt: k.UsedAt.UTC(), ExpiresAt: k.ExpiresAt.UTC(),
		}
	})})
}

// revokeSession signs one place out
//
//	@ID			revokeSession
//	@Summary	End a session
//	@Tags		me
//	@Security	bearer
//	@Param		id	path	string	true	"session"
//	@Success	204	"ended"
//	@Failure	401	{object}	Problem	"unauthenticated"
//	@Failure	404	{object}	Problem	"not_found"
//	@Failure	500	{object}	Problem	"internal"
//	@Failure	503	{object}	Problem	"unavailable"
//	@Router		/me/sessions/{id} [delete]
func (s *Server) revokeSession(c *gin.Context, a account.Account) error {
	id := c.Param("id")
	if !account.IsID(id) {
		return notFound()
	}
	if err := s.deps.Sessions.RevokeSession(c.Request.Context(), a.ID, id); err != nil {
		return err
	}
	s.sessions.forget(id)
	return done(c)
}

// currentSession is the session of the caller, below signedIn.
func (s *Server) currentSession(c *gin.Context) string { return callerOf(c).session }

// forgetAccount makes all sessions and API tokens of an account be asked about
// again.
func (s *sessionCache) forgetAccount(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for session, k := range s.known {
		if k.account.ID == id {
			delete(s.known, session)
		}
	}
}
