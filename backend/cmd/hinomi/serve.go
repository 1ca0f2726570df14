package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/country"
	"github.com/hinomi-watch/hinomi/backend/internal/notify"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/probe"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
	"github.com/hinomi-watch/hinomi/backend/internal/watch"
)

// Grace of the parts at the end; with the database's own within 15 s.
const (
	httpGrace   = 2 * time.Second
	recordGrace = 6 * time.Second
)

// service is everything that runs.
type service struct {
	cfg config.Config
	log *slog.Logger
	now func() time.Time

	database *database
	madeCode bool         // the set-up code was made, not set
	db       *postgres.DB // the API's pool
	reading  *postgres.DB // the reports' and downloads' pool: people's, as the API's is
	work     *postgres.DB // the watchman's and the mails' pool
	settings *postgres.Settings
	recorder *postgres.Recorder
	prober   *probe.Prober
	watch    *watch.Watch
	sender   *notify.Sender

	countries *country.Rule  // nil: hosts may stand anywhere
	recheck   *watch.Recheck // nil: stopped monitors are not looked at
	failed    chan error

	lineNames map[uptime.LineID]string

	closers []func() // newest last
}

// serve runs until the context ends or a part fails.
func serve(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer) error {
	now, err := wallClock(log)
	if err != nil {
		return err
	}
	s := &service{cfg: cfg, log: log, now: now, failed: make(chan error, 4)}
	defer s.close()
	for _, start := range []func(context.Context) error{s.openCountries, s.openStore, s.startProber, s.startMail, s.startWatch, s.startHTTP} {
		if err := start(ctx); err != nil {
			return err
		}
	}
	if err := s.greet(ctx, out); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		log.Info("ending; what is under way is written first")
		return nil
	case err := <-s.failed:
		return err
	case <-s.database.done():
		return errDatabaseEnded
	}
}

// onClose adds what undoes the last start; close runs them newest first.
func (s *service) onClose(f func()) { s.closers = append(s.closers, f) }

func (s *service) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

func (s *service) openStore(ctx context.Context) (err error) {
	if s.database, err = openDatabase(ctx, s.cfg, s.log); err != nil {
		return err
	}
	s.onClose(s.database.close)
	if s.db, err = postgres.Open(s.database.url, postgres.Options{Role: postgres.RoleAPI, MaxConns: apiConns, Quotas: s.quotas(), Now: s.now, Claims: s.claims(), RequireProof: s.cfg.RequireProof}); err != nil {
		return err
	}
	s.onClose(func() { _ = s.db.Close() })
	slow := postgres.Options{Role: postgres.RoleAPI, MaxConns: reportConns, StatementTimeout: workStatement, Now: s.now}
	if s.reading, err = postgres.Open(s.database.url, slow); err != nil {
		return err
	}
	s.onClose(func() { _ = s.reading.Close() })
	options := postgres.Options{
		Role: postgres.RoleWatch, MaxConns: workConns, StatementTimeout: workStatement, Quotas: s.quotas(), Now: s.now,
		Claims: s.claims(), RequireProof: s.cfg.RequireProof,
	}
	if s.work, err = postgres.Open(s.database.url, options); err != nil {
		return err
	}
	s.onClose(func() { _ = s.work.Close() })
	if _, err = s.work.Migrate(ctx); err != nil {
		return err
	}
	if s.settings, err = postgres.OpenSettings(ctx, s.work); err != nil {
		return err
	}
	if s.claims() {
		if err := s.work.SettleClaims(ctx); err != nil {
			return err
		}
	}
	return s.nameLines(ctx)
}

// quotas bind strangers; an installation that may watch anything is for people
// who trust each other.
func (s *service) quotas() account.Quotas {
	if s.cfg.TargetPolicy == config.PolicyAny {
		return account.Quotas{}
	}
	return account.StandardQuotas()
}

// nameLines gives the configured lines the ids under which results are stored.
func (s *service) nameLines(ctx context.Context) error {
	names := make([]string, len(s.cfg.Lines))
	for i, l := range s.cfg.Lines {
		names[i] = l.Name
	}
	ids, err := s.work.EnsureLines(ctx, names)
	if err != nil {
		return err
	}
	for i := range s.cfg.Lines {
		s.cfg.Lines[i].ID = ids[s.cfg.Lines[i].Name]
	}
	s.lineNames = make(map[uptime.LineID]string, len(ids))
	for name, id := range ids {
		s.lineNames[id] = name
	}
	return nil
}

func (s *service) startWatch(ctx context.Context) (err error) {
	step, err := faultyNightly(s.log)
	if err != nil {
		return err
	}
	s.recorder, err = postgres.NewRecorder(ctx, s.work.SQL(), postgres.RecorderConfig{
		Node: "main", RetentionDays: s.cfg.RetentionDays, Now: s.now, Log: s.log,
	})
	if err != nil {
		return err
	}
	listener, err := s.work.Listen(ctx, s.log)
	if err != nil {
		return err
	}
	s.onClose(listener.Close)
	lines := make([]uptime.LineID, len(s.cfg.Lines))
	for i, l := range s.cfg.Lines {
		lines[i] = l.ID
	}
	stops, err := s.stopJobs(lines)
	if err != nil {
		return err
	}
	s.watch, err = watch.New(watch.Config{
		Policy: s.cfg.Policy, Lines: lines, Prober: s.prober, Recorder: s.recorder, Changes: listener.Changes(),
		Alerted: s.sender.Wake, StopAfter: s.stopAfter, Halted: s.halted, Now: s.now, Log: s.log, Places: s.watchPlaces(),
		Jobs: append([]watch.Job{
			{Name: "nightly", Every: nightlyEvery(step), Run: func(ctx context.Context) error { return s.recorder.Nightly(ctx, step) }},
			{Name: "upkeep", Every: time.Hour, Run: func(ctx context.Context) error { return errors.Join(s.work.Upkeep(ctx), s.sender.ForgetStored(ctx)) }},
			{Name: "settings", Every: time.Minute, Run: s.settings.Reload},
		}, slices.Concat(s.countryJobs(), s.unlessHalted(stops), s.claimJobs(), s.unlessHalted(s.ownerJobs()))...),
	})
	if err != nil {
		return err
	}
	if err := s.watch.Start(ctx); err != nil {
		return err
	}
	s.sender.Start(context.WithoutCancel(ctx))
	s.onClose(func() {
		if s.recheck != nil {
			s.recheck.Close()
		}
		s.watch.StopPlanning()
		s.prober.Stop()
		s.watch.Stop(recordGrace)
	})
	return nil
}

// startHTTP serves the page and the API, and the operator's address if there is
// one.
func (s *service) startHTTP(ctx context.Context) error {
	handler, err := s.newAPI() //nolint:contextcheck // its handlers get their requests' contexts
	if err != nil {
		return err
	}
	if err := s.listen(ctx, s.cfg.Addr, handler); err != nil {
		return fmt.Errorf("%w (HINOMI_ADDR chooses another address)", err)
	}
	if s.cfg.AdminAddr == "" {
		return nil
	}
	if err := s.listen(ctx, s.cfg.AdminAddr, adminHandler(s.watch, s.recorder, s.prober.Collectors()...)); err != nil {
		return fmt.Errorf("%w (HINOMI_ADMIN_ADDR chooses another address, \"off\" none)", err)
	}
	return nil
}

func (s *service) listen(ctx context.Context, addr string, h http.Handler) error {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("serve on %s: %w", addr, err)
	}
	server := newHTTPServer(h)
	server.ErrorLog = slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve on %s: %w", addr, err)
		}
	}()
	s.onClose(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), httpGrace)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close()
		}
	})
	return nil
}

// greet prints what an operator wants to know first.
func (s *service) greet(ctx context.Context, out io.Writer) error {
	base := s.cfg.PublicURL.String()
	mail := "sent by " + s.mailServer()
	if s.cfg.SMTPURL == "" {
		mail = "stored in " + s.mailDir() + ", not sent; HINOMI_SMTP_URL and HINOMI_MAIL_FROM send it"
	}
	database := "its own PostgreSQL, in the data directory"
	if s.cfg.DatabaseURL != "" {
		database = "the one of DATABASE_URL"
	}
	policy := s.cfg.TargetPolicy
	if policy == config.PolicyAny {
		policy += ": accounts may watch private networks too; for people whom you trust"
	}
	_, _ = fmt.Fprintf(out, "Hinomi %s serves %s\n  data      %s\n  database  %s\n  mail      %s\n  policy    %s\n",
		buildVersion(), base, s.cfg.DataDir, database, mail, policy)
	done, err := s.db.HasOperator(ctx)
	if err != nil || done {
		return err
	}
	link := base + "/setup#code= and then what HINOMI_SETUP_CODE says" // which is not printed: logs live long
	if s.madeCode {
		link = base + "/setup#code=" + s.cfg.SetupCode
	}
	_, err = fmt.Fprintln(out, "Make the first account:", link)
	return err
}
