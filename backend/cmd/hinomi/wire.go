package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"path/filepath"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

func (s *service) startProber(context.Context) (err error) {
	own, err := s.ownHosts()
	if err != nil {
		return err
	}
	s.prober, err = probe.New(probe.Config{ //nolint:contextcheck // it lives until Stop
		Lines: s.cfg.Lines, Timeout: s.cfg.Policy.Timeout, Policy: s.addressPolicy(), OwnHosts: own, Resolvers: s.cfg.Resolvers, Log: s.log,
	})
	if err != nil {
		return err
	}
	s.onClose(s.prober.Stop)
	return nil
}

// addressPolicy never lets anybody watch our own addresses.
func (s *service) addressPolicy() probe.AddressPolicy {
	if s.cfg.TargetPolicy == config.PolicyAny {
		return probe.AnyPolicy()
	}
	var own []netip.Addr
	for _, l := range s.cfg.Lines {
		own = append(own, l.Source4, l.Source6)
		own = append(own, l.Shown...)
	}
	return probe.PublicPolicy(own)
}

// ownHosts are the hosts of the mail relay and of the database.
func (s *service) ownHosts() ([]string, error) {
	hosts, err := postgres.Hosts(s.database.url)
	if err != nil {
		return nil, err
	}
	if relay, err := url.Parse(s.cfg.SMTPURL); err == nil && relay.Hostname() != "" {
		hosts = append(hosts, relay.Hostname())
	}
	return hosts, nil
}

// hostPolicy checks what people want to watch.
type hostPolicy struct {
	prober *probe.Prober
	line   uptime.LineID // over which names are looked up
	places places
	asked  bool // owners are asked whether they opt out
}

// CheckHost implements api.HostPolicy.
func (h hostPolicy) CheckHost(ctx context.Context, text string) (uptime.Host, error) {
	host, err := probe.ParseHost(text)
	if err != nil {
		return uptime.Host{}, err
	}
	denied := make(chan bool, 1)
	go func() {
		says := false
		if h.asked {
			says, _ = h.prober.Denied(ctx, h.line, host.ASCII)
		}
		denied <- says
	}()
	res := h.prober.Resolve(ctx, h.line, host.ASCII, true)
	if res.Reason == uptime.ForbiddenAddress {
		return uptime.Host{}, fmt.Errorf("%s: %w", host.ASCII, uptime.ErrHostForbidden)
	}
	if <-denied {
		return uptime.Host{}, fmt.Errorf("%s: %w", host.ASCII, uptime.ErrHostDenied)
	}
	host.Addrs = res.Addrs
	return host.Host, h.places.check(ctx, host.ASCII, res.Addrs...)
}

// lineBook knows the lines as they are and the names of those that were.
type lineBook struct {
	prober *probe.Prober
	names  map[uptime.LineID]string
}

// Lines implements api.Lines.
func (b lineBook) Lines() []uptime.LineStatus { return b.prober.Lines() }

// LineName implements api.Lines.
func (b lineBook) LineName(id uptime.LineID) string { return b.names[id] }

func (s *service) lineBook() lineBook { return lineBook{prober: s.prober, names: s.lineNames} }

func (s *service) mailDir() string { return filepath.Join(s.cfg.DataDir, "mail") }

// mailServer names the server without the password.
func (s *service) mailServer() string {
	u, err := url.Parse(s.cfg.SMTPURL)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// newAPI gives the API everybody it needs.
func (s *service) newAPI() (http.Handler, error) {
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	if s.cfg.SetupCode == "" {
		s.madeCode = true
		var err error
		if s.cfg.SetupCode, err = randomCode(8); err != nil {
			return nil, err
		}
	}
	here := places{s.countries, s.db}
	cfg := api.Config{
		PublicURL: s.cfg.PublicURL, JWTSecret: secret, SetupCode: s.cfg.SetupCode, TrustedProxies: s.cfg.TrustedProxies,
		Version: buildVersion(), Policy: s.cfg.Policy, EffectiveInterval: s.watch.EffectiveInterval, TargetPolicy: s.cfg.TargetPolicy, RequireProof: s.cfg.RequireProof,
		RetentionDays: s.cfg.RetentionDays, MailMode: api.MailSMTP, MailFrom: s.cfg.MailFrom, Now: s.now, Log: s.log,
		Rates: api.Rates(s.cfg.Rates), CORSOrigins: s.cfg.CORSOrigins,
		Registration: s.cfg.Registration,
	}
	deps := api.Deps{
		Audit: s.db, AuditDesk: s.work, AccountDesk: s.work,
		Accounts: s.db, Sessions: s.db, Contacts: s.db, Quotas: s.db, Targets: s.db, Monitors: s.db, History: s.db, Links: s.db,
		Reports: s.reports(), Exports: s.db, Invites: s.db, Lines: s.lineBook(), Prober: homeProber{s.prober, here, s.cfg.Lines, s.now}, Schedule: s.watch, Health: s.db,
		Hosts: hostPolicy{prober: s.prober, line: s.cfg.Lines[0].ID, places: here, asked: s.claims()}, Countries: s.apiCountries(),
		Settings: s.settings, MailDesk: s.work, LineHealth: s.watch, HostRequests: s.db, HostDesk: s.work, ClaimDesk: s.work, Proofs: s.db, Owners: s.owners(), ProofDesk: s.work, APITokens: s.db, SecondFactors: s.db,
	}
	if s.cfg.SMTPURL == "" {
		cfg.MailMode, deps.Mails = api.MailStored, s.sender
	}
	return api.New(cfg, deps)
}
