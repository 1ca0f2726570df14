package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Words of Config.MailMode.
const (
	MailSMTP   = "smtp"   // mails are sent
	MailStored = "stored" // mails are files that the operator can read
)

// Config is how the API is set up.
type Config struct {
	PublicURL      *url.URL // as people reach us; https makes cookies secure
	JWTSecret      []byte   // at least 32 bytes
	SetupCode      string   // for the first account; "" refuses it
	TrustedProxies []string // addresses or prefixes; none are trusted if empty
	Version        string   // of the program

	Policy            uptime.Policy        // as configured
	Registration      string               // who may register, as configured: a word of account.Registration…; "" is open
	EffectiveInterval func() time.Duration // stretched, if it had to be
	TargetPolicy      string               // public or any
	RequireProof      bool                 // nothing is watched before its host is proven
	RetentionDays     int                  // full UTC days besides today
	MailMode          string               // MailSMTP or MailStored
	MailFrom          string               // sender's address; "" if not set
	Rates             Rates                // of calls; the zero value limits nothing
	CORSOrigins       []string             // whose pages' scripts may call

	Now func() time.Time
	Log *slog.Logger
}

// Deps is who does the work.
type Deps struct {
	Audit     Audit
	AuditDesk AuditDesk

	Accounts   Accounts
	Sessions   Sessions
	Contacts   Contacts
	Quotas     Quotas
	Targets    Targets
	Monitors   Monitors
	History    History
	Links      Links
	Reports    Reports
	Exports    Exports
	Invites    Invites
	Mails      Mails // nil if mails are sent
	Lines      Lines
	Prober     Prober
	Hosts      HostPolicy
	Schedule   Schedule
	Health     Health
	MailDesk   MailDesk
	LineHealth LineHealth
	Settings   Settings // nil: all is as configured

	Countries    Countries // nil: hosts may stand anywhere
	HostRequests HostRequests
	HostDesk     HostDesk
	ClaimDesk    ClaimDesk
	Owners       Owners
	ProofDesk    ProofDesk
	Proofs       Proofs // nil: nothing is proven

	AccountDesk   AccountDesk
	APITokens     APITokens
	SecondFactors SecondFactors
}

// Server answers everything below PublicURL.
type Server struct {
	cfg       Config
	deps      Deps
	log       *slog.Logger
	hasher    *account.Hasher
	sealer    account.Sealer // of second factors' secrets
	stopper   account.Unsubscriber
	tokens    *tokens
	sessions  *sessionCache
	scopes    map[string]account.Scope // of routes
	actions   map[string]string        // what the audit log calls routes
	unaudited map[string]string
	throttles *throttles
	rates     rates
	engine    *gin.Engine
	page      func() (*pageServer, error)     // packed at the first request
	docs      func() (map[string]file, error) // the same
}

// minSecret is the least length of the signing key, in bytes (RFC 7518 §3.2).
const minSecret = 32

// New makes a server. Its routes start nothing and need no Stop.
func New(cfg Config, deps Deps) (*Server, error) {
	if len(cfg.JWTSecret) < minSecret {
		return nil, fmt.Errorf("the signing key must have at least %d bytes", minSecret)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Registration == "" {
		cfg.Registration = account.RegistrationOpen
	}
	if deps.Settings == nil {
		deps.Settings = configured{}
	}
	if cfg.EffectiveInterval == nil {
		cfg.EffectiveInterval = func() time.Duration { return cfg.Policy.Interval }
	}
	actions, err := auditActions()
	if err != nil {
		return nil, err
	}
	sealer, err := account.NewSealer(cfg.JWTSecret)
	if err != nil {
		return nil, err
	}
	stopper, err := account.NewUnsubscriber(cfg.JWTSecret)
	if err != nil {
		return nil, err
	}
	s := &Server{
		actions: actions, unaudited: unaudited(),
		cfg: cfg, deps: deps, log: cfg.Log,
		page:      sync.OnceValues(loadPage),
		docs:      sync.OnceValues(loadDocs),
		hasher:    account.NewHasher(),
		sealer:    sealer,
		stopper:   stopper,
		tokens:    newTokens(cfg),
		throttles: newThrottles(),
		rates:     newRates(cfg.Rates),
		scopes:    routeScopes(),
		sessions:  newSessionCache(deps.whoIs, cfg.Now),
	}
	return s, s.route()
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.engine.ServeHTTP(w, r) }

// answerWithin bounds a request, so that people are told within 2 s that the
// database is away.
const answerWithin = 1900 * time.Millisecond

type handler func(c *gin.Context) error

// stream runs a handler that may take its time.
func (s *Server) stream(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// quick runs a handler that answers at once or not at all.
func (s *Server) quick(h handler) gin.HandlerFunc {
	return s.stream(func(c *gin.Context) error {
		whole := c.Request
		ctx, cancel := context.WithTimeout(whole.Context(), answerWithin)
		defer cancel()
		c.Request = whole.WithContext(ctx)
		defer func() { c.Request = whole }()
		return h(c)
	})
}

// recover answers for a handler that panicked; the process goes on.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err := fmt.Errorf("handler panicked: %v\n%s", p, debug.Stack())
			if c.Writer.Written() {
				s.log.Error("answer broke off", "path", c.FullPath(), "error", err)
				panic(http.ErrAbortHandler)
			}
			s.fail(c, err)
		}
	}()
	c.Next()
}
