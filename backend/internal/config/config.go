// Package config reads the environment into one validated struct. All faults
// are told at once; secrets are never printed.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// Config is everything that an operator can set.
type Config struct {
	Addr           string     // HINOMI_ADDR: where the page and the API are served
	AdminAddr      string     // HINOMI_ADMIN_ADDR: /metrics and pprof; "" is off
	PublicURL      *url.URL   // HINOMI_PUBLIC_URL: as people reach us, in links
	TrustedProxies []string   // HINOMI_TRUSTED_PROXIES: addresses or prefixes
	LogLevel       slog.Level // HINOMI_LOG_LEVEL

	DatabaseURL   string // DATABASE_URL; "" is the embedded server
	DataDir       string // HINOMI_DATA_DIR
	PostgresBin   string // HINOMI_POSTGRES_BIN: directory of initdb and postgres
	RetentionDays int    // HINOMI_RETENTION_DAYS: full UTC days besides today

	Policy       uptime.Policy    // HINOMI_INTERVAL, HINOMI_PROBE_TIMEOUT, HINOMI_FAILURES_TO_STOP
	Lines        []uptime.Line    // HINOMI_LINES; their ids come from the database
	Resolvers    []netip.AddrPort // HINOMI_RESOLVERS; none is the system's
	TargetPolicy string           // HINOMI_TARGET_POLICY: public or any

	RequireProof bool // HINOMI_REQUIRE_PROOF: nothing is watched before its host is proven

	AllowedCountries []string // HINOMI_ALLOWED_COUNTRIES: two-letter codes; none is any
	CountryDB        string   // HINOMI_COUNTRY_DB: a file of the MaxMind DB format

	StopRecheck time.Duration // HINOMI_STOP_RECHECK: between looks at a stopped monitor; 0 is off

	SMTPURL      string        // HINOMI_SMTP_URL; "" stores mails as files
	MailFrom     string        // HINOMI_MAIL_FROM
	DigestWindow time.Duration // HINOMI_DIGEST_WINDOW

	Registration string // HINOMI_REGISTRATION: open, invite or closed

	Rates       Rates    // HINOMI_RATE_LIMITS
	CORSOrigins []string // HINOMI_CORS_ORIGINS: of pages elsewhere whose scripts may call; none is none

	// Secrets; each may come from a file, by its name and _FILE, as DatabaseURL and SMTPURL may.
	JWTSecret string // HINOMI_JWT_SECRET; "" is made and kept in the data directory
	SetupCode string // HINOMI_SETUP_CODE; "" is random
}

// Words of HINOMI_TARGET_POLICY.
const (
	PolicyPublic = "public"
	PolicyAny    = "any"
)

// minSecret is the least length of HINOMI_JWT_SECRET, in bytes (RFC 7518 §3.2
// for HS256).
const minSecret = 32

// reader collects faults while it reads.
type reader struct {
	get    func(string) string
	faults []error
}

func (r *reader) fault(name, format string, args ...any) {
	r.faults = append(r.faults, fmt.Errorf("%s: "+format, append([]any{name}, args...)...))
}

func (r *reader) text(name, standard string) string {
	if v := strings.TrimSpace(r.get(name)); v != "" {
		return v
	}
	return standard
}

func (r *reader) duration(name string, standard time.Duration) time.Duration {
	v := r.text(name, "")
	if v == "" {
		return standard
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < 0 {
		r.fault(name, "%q is not a duration such as 300s or 5m", v)
		return standard
	}
	return d
}

func (r *reader) number(name string, standard, least, most int) int {
	v := r.text(name, "")
	if v == "" {
		return standard
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		r.fault(name, "%q is not a number from %d to %d", v, least, most)
		return standard
	}
	return n
}

// Read reads the environment through get (os.Getenv). The error names every
// fault, one a line.
func Read(get func(string) string) (Config, error) {
	r := &reader{get: get}
	c := Config{
		Addr: r.text("HINOMI_ADDR", ":8080"), AdminAddr: r.text("HINOMI_ADMIN_ADDR", "127.0.0.1:9090"),
		DatabaseURL: r.secret("DATABASE_URL"), PostgresBin: r.text("HINOMI_POSTGRES_BIN", ""),
		DataDir: r.text("HINOMI_DATA_DIR", defaultDataDir(get)), RetentionDays: r.number("HINOMI_RETENTION_DAYS", 10, 1, 400),
		SMTPURL: r.secret("HINOMI_SMTP_URL"), MailFrom: r.text("HINOMI_MAIL_FROM", ""),
		DigestWindow: r.duration("HINOMI_DIGEST_WINDOW", 30*time.Second),
		JWTSecret:    r.secret("HINOMI_JWT_SECRET"), SetupCode: r.secret("HINOMI_SETUP_CODE"),
	}
	if c.AdminAddr == "off" {
		c.AdminAddr = ""
	}
	c.PublicURL = r.publicURL()
	c.TrustedProxies = r.proxies()
	c.LogLevel = r.logLevel()
	c.Policy = r.policy()
	c.TargetPolicy = r.targetPolicy()
	c.Registration = r.registration()
	c.RequireProof = r.requireProof(c.TargetPolicy)
	c.CountryDB = r.text(countryDBName, "")
	c.AllowedCountries = r.countries(c.CountryDB)
	c.StopRecheck = r.stopRecheck()
	c.Lines = r.lines(c.TargetPolicy)
	c.Resolvers = r.resolvers()
	c.Rates, c.CORSOrigins = r.rates(), r.origins()
	r.mail(c)
	r.strong("HINOMI_JWT_SECRET", c.JWTSecret, minSecret)
	r.strong("HINOMI_SETUP_CODE", c.SetupCode, minSetupCode)
	r.ownPassword("DATABASE_URL", c.DatabaseURL)
	r.ownPassword("HINOMI_SMTP_URL", c.SMTPURL)
	return c, errors.Join(r.faults...)
}

func defaultDataDir(get func(string) string) string {
	if os.Geteuid() == 0 {
		return "/var/lib/hinomi"
	}
	if dir := get("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "hinomi")
	}
	return filepath.Join(get("HOME"), ".local", "share", "hinomi")
}

func (r *reader) publicURL() *url.URL {
	const name = "HINOMI_PUBLIC_URL"
	v := r.text(name, "http://localhost:8080")
	u, err := url.Parse(v)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		r.fault(name, "%q is not an address such as https://watch.example.jp", v)
		return &url.URL{Scheme: "http", Host: "localhost:8080"}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u
}

func (r *reader) proxies() (proxies []string) {
	const name = "HINOMI_TRUSTED_PROXIES"
	for _, v := range fields(r.text(name, "")) {
		if _, err := netip.ParsePrefix(v); err != nil {
			if _, err := netip.ParseAddr(v); err != nil {
				r.fault(name, "%q is neither an address nor a prefix", v)
				continue
			}
		}
		proxies = append(proxies, v)
	}
	return proxies
}

func (r *reader) logLevel() (level slog.Level) {
	if err := level.UnmarshalText([]byte(r.text("HINOMI_LOG_LEVEL", "info"))); err != nil {
		r.fault("HINOMI_LOG_LEVEL", "must be debug, info, warn or error")
	}
	return level
}

func (r *reader) policy() uptime.Policy {
	p := uptime.DefaultPolicy()
	p.Interval = r.duration("HINOMI_INTERVAL", p.Interval)
	p.Timeout = r.duration("HINOMI_PROBE_TIMEOUT", p.Timeout)
	p.FailuresToStop = r.number("HINOMI_FAILURES_TO_STOP", p.FailuresToStop, 0, 1000)
	if err := p.Validate(); err != nil {
		r.faults = append(r.faults, fmt.Errorf("HINOMI_INTERVAL, HINOMI_PROBE_TIMEOUT, HINOMI_FAILURES_TO_STOP: %w", err))
	}
	return p
}

// stopRecheck is an hour or nothing: hosts that are down for days are not to be
// knocked at more often.
func (r *reader) stopRecheck() time.Duration {
	switch v := r.text("HINOMI_STOP_RECHECK", "off"); v {
	case "off":
	case "1h":
		return time.Hour
	default:
		r.fault("HINOMI_STOP_RECHECK", "%q must be off or 1h", v)
	}
	return 0
}

func (r *reader) targetPolicy() string {
	v := r.text("HINOMI_TARGET_POLICY", PolicyPublic)
	if v != PolicyPublic && v != PolicyAny {
		r.fault("HINOMI_TARGET_POLICY", "%q must be public or any", v)
	}
	return v
}

func (r *reader) registration() string {
	v := r.text("HINOMI_REGISTRATION", account.RegistrationOpen)
	switch v {
	case account.RegistrationOpen, account.RegistrationInvite, account.RegistrationClosed:
	default: // nobody gets in by a word that was meant otherwise
		r.fault("HINOMI_REGISTRATION", "%q must be open, invite or closed", v)
	}
	return v
}

// requireProof makes sense where hosts are claimed.
func (r *reader) requireProof(policy string) bool {
	const name = "HINOMI_REQUIRE_PROOF"
	switch v := r.text(name, "off"); v {
	case "off":
	case "always":
		if policy == PolicyAny {
			r.fault(name, "must be off where HINOMI_TARGET_POLICY is any: everybody is trusted there")
		}
		return true
	default:
		r.fault(name, "%q must be off or always", v)
	}
	return false
}

func (r *reader) resolvers() (resolvers []netip.AddrPort) {
	const name = "HINOMI_RESOLVERS"
	for _, v := range fields(r.text(name, "")) {
		if ap, err := netip.ParseAddrPort(v); err == nil {
			resolvers = append(resolvers, ap)
		} else if a, err := netip.ParseAddr(v); err == nil {
			resolvers = append(resolvers, netip.AddrPortFrom(a, 53))
		} else {
			r.fault(name, "%q is not an address with or without port", v)
		}
	}
	return resolvers
}

func (r *reader) mail(c Config) {
	if c.SMTPURL == "" {
		return
	}
	u, err := url.Parse(c.SMTPURL)
	if err != nil || (u.Scheme != "smtp" && u.Scheme != "smtps") || u.Hostname() == "" {
		// Not printed: it may hold a password.
		r.fault("HINOMI_SMTP_URL", "must be smtp://user:password@host:port or smtps://…, with ?tls=required or ?tls=off")
	} else if tls := u.Query().Get("tls"); tls != "" && tls != "required" && tls != "off" {
		r.fault("HINOMI_SMTP_URL", "what stands behind tls= must be required or off")
	}
	if c.MailFrom == "" {
		r.fault("HINOMI_MAIL_FROM", "must be set when HINOMI_SMTP_URL is: the sender's address")
	}
}

// fields splits a list at commas and spaces.
func fields(s string) []string {
	return strings.FieldsFunc(s, func(c rune) bool { return c == ',' || c == ' ' })
}
