package api

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
)

// throttles bound what strangers may try. The one per account and address keeps
// others from guessing and still lets the owner in from elsewhere.
type throttles struct {
	failures *account.Throttle // entries of the audit log about failed sign-ins, of an address that was typed

	signInAccount *account.Throttle // failures of an account from an address
	signInAddress *account.Throttle // failures from an address
	register      *account.Throttle // registrations from an address
	mail          *account.Throttle // mails asked for without signing in, from an address
	exports       *account.Throttle // of an account
	addresses     *account.Throttle // new sign-in addresses of an account
	codes         *account.Throttle // wrong codes of a mailed address, from anywhere
	contactMinute *account.Throttle // mails to a contact that its owner asks for: tests, and the one that confirms it again
	contactDay    *account.Throttle
	proofs        *account.Throttle // looks for the proof of a target
	takeOvers     *account.Throttle // looks for the proof of hosts that others have, of an account
	secondFactor  *account.Throttle // wrong second factors of an account whose password was right, from anywhere
}

// throttledKeys bounds what one throttle remembers.
const throttledKeys = 100_000

func newThrottles() *throttles {
	return &throttles{
		failures: account.NewThrottle(20, time.Hour, throttledKeys),

		signInAccount: account.NewThrottle(5, 15*time.Minute, throttledKeys),
		signInAddress: account.NewThrottle(50, time.Hour, throttledKeys),
		register:      account.NewThrottle(5, time.Hour, throttledKeys),
		mail:          account.NewThrottle(10, time.Hour, throttledKeys),
		exports:       account.NewThrottle(6, time.Hour, throttledKeys),
		addresses:     account.NewThrottle(5, 24*time.Hour, throttledKeys),
		codes:         account.NewThrottle(10, time.Hour, throttledKeys),
		contactMinute: account.NewThrottle(1, time.Minute, throttledKeys),
		contactDay:    account.NewThrottle(5, 24*time.Hour, throttledKeys),
		proofs:        account.NewThrottle(1, time.Minute, throttledKeys),
		takeOvers:     account.NewThrottle(5, 5*time.Minute, throttledKeys),
		secondFactor:  account.NewThrottle(10, time.Hour, throttledKeys),
	}
}

func tooMany(wait time.Duration) error {
	f := newFault(http.StatusTooManyRequests, "too_many_requests", "Too many tries. Wait a while, then try again.")
	f.wait = max(wait, time.Second)
	return f
}

// callerAddress is where a request came from: the socket's address, or what a
// trusted proxy says. An IPv6 network of 64 bits counts as one caller.
func callerAddress(c *gin.Context) string {
	addr, err := netip.ParseAddr(c.ClientIP())
	if err != nil {
		return c.ClientIP()
	}
	if addr = addr.Unmap().WithZone(""); addr.Is4() {
		return addr.String()
	}
	network, err := addr.Prefix(64)
	if err != nil {
		return addr.String()
	}
	return network.String()
}

// once counts one use from the caller's address.
func (s *Server) once(c *gin.Context, t *account.Throttle) error {
	if wait, ok := t.Take(callerAddress(c), s.cfg.Now()); !ok {
		return tooMany(wait)
	}
	return nil
}

// askForMail counts a mail to a contact that its owner asks for.
func (s *Server) askForMail(contactID int64, what string) error {
	now, key := s.cfg.Now(), what+" "+strconv.FormatInt(contactID, 10)
	if wait, ok := s.throttles.contactDay.Take(key, now); !ok {
		return tooMany(wait)
	}
	if wait, ok := s.throttles.contactMinute.Take(key, now); !ok {
		s.throttles.contactDay.GiveBack(key, now)
		return tooMany(wait)
	}
	return nil
}

// trySignIn counts a try as a failure until succeeded is called.
func (s *Server) trySignIn(c *gin.Context, email string) (succeeded func(), err error) {
	now, address := s.cfg.Now(), callerAddress(c)
	who := strings.ToLower(email) + " " + address
	if wait, ok := s.throttles.signInAccount.Take(who, now); !ok {
		return nil, tooMany(wait)
	}
	if wait, ok := s.throttles.signInAddress.Take(address, now); !ok {
		s.throttles.signInAccount.GiveBack(who, now)
		return nil, tooMany(wait)
	}
	return func() {
		s.throttles.signInAccount.GiveBack(who, now)
		s.throttles.signInAddress.GiveBack(address, now)
	}, nil
}
