package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/country/countrytest"
	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

// desk is a fake store of what is allowed and of what was stopped.
type desk struct {
	allowed map[string]bool
	err     error
	stopped []uptime.Departure
}

func (d *desk) HostAllowed(_ context.Context, host string) (bool, error) {
	return d.allowed[host], d.err
}

func (d *desk) StopAbroad(_ context.Context, gone uptime.Departure) error {
	d.stopped = append(d.stopped, gone)
	return d.err
}

// heldTo is a service that holds hosts to Japan.
func heldTo(t *testing.T, path string) *service {
	t.Helper()
	s := &service{
		cfg: config.Config{AllowedCountries: []string{"JP"}, CountryDB: path},
		log: slog.New(slog.NewTextHandler(&bytes.Buffer{}, nil)), now: time.Now,
	}
	if err := s.openCountries(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func world(t *testing.T) string {
	t.Helper()
	f := countrytest.File{Built: time.Now(), Prefixes: map[string]string{"1.0.16.0/20": "JP", "8.8.8.0/24": "US"}}
	return f.Write(t, t.TempDir(), "country.mmdb")
}

func move(addr string) uptime.Move {
	return uptime.Move{TargetID: 7, Host: "www.example.jp", Addr: netip.MustParseAddr(addr)}
}

func TestAMoveAbroadStopsAndAMoveAtHomeDoesNot(t *testing.T) {
	t.Parallel()
	s := heldTo(t, world(t))
	store := &desk{allowed: map[string]bool{}}
	p := places{s.countries, store}
	for _, addr := range []string{"1.0.16.1", "192.168.1.1"} {
		if ok, err := p.MayStand(t.Context(), move(addr)); !ok || err != nil {
			t.Errorf("%s: %v, %v", addr, ok, err)
		}
	}
	if len(store.stopped) != 0 {
		t.Errorf("stopped %v", store.stopped)
	}
	for addr, code := range map[string]string{"8.8.8.8": "US", "9.9.9.9": ""} {
		store.stopped = nil
		ok, err := p.MayStand(t.Context(), move(addr))
		if ok || err != nil || len(store.stopped) != 1 || store.stopped[0] != (uptime.Departure{Move: move(addr), Country: code}) {
			t.Errorf("%s: %v, %v, stopped %v", addr, ok, err, store.stopped)
		}
	}
	store.stopped, store.allowed = nil, map[string]bool{"www.example.jp": true}
	if ok, err := p.MayStand(t.Context(), move("8.8.8.8")); !ok || err != nil || store.stopped != nil {
		t.Errorf("allowed by the operator: %v, %v, stopped %v", ok, err, store.stopped)
	}
	store.err = uptime.ErrUnavailable
	if ok, err := p.MayStand(t.Context(), move("8.8.8.8")); ok || !errors.Is(err, uptime.ErrUnavailable) || store.stopped != nil {
		t.Errorf("with the database away: %v, %v, stopped %v", ok, err, store.stopped)
	}
}

func TestAllAddressesOfAHostMustStandInAnAllowedCountry(t *testing.T) {
	t.Parallel()
	p := places{heldTo(t, world(t)).countries, &desk{}}
	home, us, nowhere := netip.MustParseAddr("1.0.16.1"), netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("9.9.9.9")
	for _, c := range []struct {
		addrs []netip.Addr
		want  error
	}{
		{nil, nil}, {[]netip.Addr{home}, nil}, {[]netip.Addr{home, us}, uptime.ErrCountryForbidden}, {[]netip.Addr{home, nowhere}, uptime.ErrCountryUnknown},
	} {
		if err := p.check(t.Context(), "www.example.jp", c.addrs...); !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.addrs, err, c.want)
		}
	}
	if err := (places{}).check(t.Context(), "www.example.jp", us); err != nil {
		t.Errorf("without a rule: %v", err)
	}
}

func TestProbeNowSendsNothingAbroad(t *testing.T) {
	t.Parallel()
	s := heldTo(t, world(t))
	line := uptime.Line{ID: 1, Name: "default"}
	prober, err := probe.New(probe.Config{
		Lines: []uptime.Line{line}, Timeout: time.Second, Policy: probe.PublicPolicy(nil), Log: s.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(prober.Stop)
	p := homeProber{prober, places{s.countries, &desk{}}, []uptime.Line{line}, s.now}
	found := p.Diagnose(t.Context(), "8.8.8.8", uptime.HTTP, 80)
	if len(found) != 1 || found[0].Line != 1 || found[0].Finding.Reason != uptime.ForbiddenAddress || found[0].Addr.IsValid() {
		t.Errorf("found %+v", found)
	}
}

func TestTheStartNamesTheSettingsOfABadListOfCountries(t *testing.T) {
	t.Parallel()
	s := &service{cfg: config.Config{AllowedCountries: []string{"JP"}, CountryDB: t.TempDir() + "/missing.mmdb"}, log: slog.Default(), now: time.Now}
	err := s.openCountries(t.Context())
	if err == nil || !strings.Contains(err.Error(), "HINOMI_COUNTRY_DB") || !strings.Contains(err.Error(), "HINOMI_ALLOWED_COUNTRIES") || !strings.Contains(err.Error(), "missing.mmdb") {
		t.Errorf("got %v", err)
	}
	s.cfg.AllowedCountries = nil
	if err := s.openCountries(t.Context()); err != nil || s.countries != nil || s.watchPlaces() != nil || s.apiCountries() != nil || s.countryJobs() != nil {
		t.Errorf("without countries: %v, %v", err, s.countries)
	}
}
