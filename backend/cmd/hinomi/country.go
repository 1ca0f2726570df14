package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/api"
	"github.com/hinomi-watch/hinomi/backend/internal/country"
	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// allowances knows which hosts are allowed whatever their country, and stops
// what has left.
type allowances interface {
	HostAllowed(ctx context.Context, host string) (bool, error)
	StopAbroad(ctx context.Context, d uptime.Departure) error
}

// places holds hosts to the countries in which they may stand.
type places struct {
	rule  *country.Rule // nil: anywhere
	store allowances
}

// openCountries reads the list of countries if there is one to hold.
func (s *service) openCountries(context.Context) error {
	if len(s.cfg.AllowedCountries) == 0 {
		return nil
	}
	book, err := country.Open(s.cfg.CountryDB, s.now, s.log)
	if err != nil {
		return fmt.Errorf("HINOMI_COUNTRY_DB, by which HINOMI_ALLOWED_COUNTRIES is checked: %w", err)
	}
	s.countries = &country.Rule{Book: book, Allowed: s.cfg.AllowedCountries, Global: probe.Global}
	return nil
}

// watchPlaces is nil where hosts may stand anywhere: names that
// move are then none of its affair.
func (s *service) watchPlaces() watch.Places {
	if s.countries == nil {
		return nil
	}
	return places{s.countries, s.work}
}

func (s *service) apiCountries() api.Countries {
	if s.countries == nil {
		return nil
	}
	return allowedCountries{s.countries}
}

// countryJobs look every minute whether the list was replaced.
func (s *service) countryJobs() []watch.Job {
	if s.countries == nil {
		return nil
	}
	return []watch.Job{{Name: "countries", Every: time.Minute, Run: s.countries.Look}}
}

// allowedCountries implements api.Countries.
type allowedCountries struct{ *country.Rule }

// AllowedCountries implements api.Countries.
func (c allowedCountries) AllowedCountries() []string { return c.Allowed }

// check judges the addresses of a host. Errors wrap uptime.ErrCountryForbidden
// or uptime.ErrCountryUnknown, or say that the operator's list cannot be asked.
func (p places) check(ctx context.Context, host string, addrs ...netip.Addr) error {
	if p.rule == nil {
		return nil
	}
	broken := p.rule.Check(addrs...)
	if broken == nil {
		return nil
	}
	allowed, err := p.store.HostAllowed(ctx, host)
	switch {
	case err != nil:
		return err
	case allowed:
		return nil
	case errors.Is(broken, country.ErrUnknown):
		return fmt.Errorf("%s: %w", host, uptime.ErrCountryUnknown)
	}
	return fmt.Errorf("%s: %w", host, uptime.ErrCountryForbidden)
}

// MayStand implements watch.Places.
func (p places) MayStand(ctx context.Context, m uptime.Move) (bool, error) {
	err := p.check(ctx, m.Host, m.Addr)
	if err == nil || !abroad(err) {
		return err == nil, err
	}
	return false, p.store.StopAbroad(ctx, uptime.Departure{Move: m, Country: p.rule.Country(m.Addr)})
}

func abroad(err error) bool {
	return errors.Is(err, uptime.ErrCountryForbidden) || errors.Is(err, uptime.ErrCountryUnknown)
}

// homeProber is "probe now" for hosts that may be watched where they stand.
type homeProber struct {
	*probe.Prober
	places places
	lines  []uptime.Line
	now    func() time.Time
}

// Diagnose implements api.Prober. A host that has moved to where it may not be
// watched gets no packet.
func (p homeProber) Diagnose(ctx context.Context, host string, s uptime.Service, port uint16) []uptime.Diagnosis {
	if p.places.rule != nil {
		for _, l := range p.lines { // a line may be out, or its resolver say something else
			if err := p.places.check(ctx, host, p.Resolve(ctx, l.ID, host, false).Addrs...); err != nil {
				return p.refused(err)
			}
		}
	}
	return p.Prober.Diagnose(ctx, host, s, port)
}

func (p homeProber) refused(err error) []uptime.Diagnosis {
	reason := uptime.ForbiddenAddress
	if !abroad(err) {
		reason = uptime.Internal
	}
	all := make([]uptime.Diagnosis, len(p.lines))
	for i, l := range p.lines {
		all[i] = uptime.Diagnosis{Line: l.ID, Finding: uptime.Finding{At: p.now(), Reason: reason}}
	}
	return all
}
