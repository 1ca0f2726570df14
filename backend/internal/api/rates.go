package api

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// Rates are how many calls are taken in a minute; 0 is no limit.
type Rates struct {
	Session   int // of one session
	Token     int // of one API token
	Downloads int // reports of one account
	Probes    int // "probe now" of one monitor
}

// rate is a limit that answers tell about, by its name.
type rate struct {
	name  string
	limit *account.RateLimit // nil: none
}

// rates are those of calls that carry a session or an API token.
type rates struct{ session, token, downloads, probes rate }

func newRates(r Rates) rates {
	newRate := func(name string, limit int) rate {
		if limit == 0 {
			return rate{}
		}
		return rate{name, account.NewRateLimit(limit, time.Minute, throttledKeys)}
	}
	return rates{
		session: newRate("session", r.Session), token: newRate("token", r.Token),
		downloads: newRate("downloads", r.Downloads), probes: newRate("probes", r.Probes),
	}
}

// spend takes one use of the rate and says in the answer what is left of it
// (draft-ietf-httpapi-ratelimit-headers).
func (s *Server) spend(c *gin.Context, r rate, key string) error {
	if r.limit == nil {
		return nil
	}
	use := r.limit.Take(key, s.cfg.Now())
	reset := int(math.Ceil(use.Reset.Seconds()))
	h := c.Writer.Header()
	h.Add("RateLimit-Policy", fmt.Sprintf("%q;q=%d;w=%d", r.name, r.limit.Limit(), int(r.limit.Window().Seconds())))
	h.Add("RateLimit", fmt.Sprintf("%q;r=%d;t=%d", r.name, use.Left, reset))
	if use.OK {
		return nil
	}
	f := newFault(http.StatusTooManyRequests, "too_many_requests", fmt.Sprintf("At most %d in a minute. Wait %d seconds.", r.limit.Limit(), reset))
	f.wait = use.Reset
	return f
}

// spendCall counts a call of a session or an API token.
func (s *Server) spendCall(c *gin.Context, who caller) error {
	if who.byToken() {
		return s.spend(c, s.rates.token, strconv.FormatInt(who.token.ID, 10))
	}
	return s.spend(c, s.rates.session, who.session)
}

// spendDownload counts a report of the account, or a link to one.
func (s *Server) spendDownload(c *gin.Context, a account.Account) error {
	return s.spend(c, s.rates.downloads, strconv.FormatInt(a.ID, 10))
}

// spendProbe counts a "probe now" of the monitor.
func (s *Server) spendProbe(c *gin.Context, monitorID int64) error {
	return s.spend(c, s.rates.probes, strconv.FormatInt(monitorID, 10))
}
