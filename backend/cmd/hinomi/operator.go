package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/hinomi-watch/hinomi/backend/internal/account"
	"github.com/hinomi-watch/hinomi/backend/internal/config"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres"
	"github.com/hinomi-watch/hinomi/backend/internal/postgres/embedded"
	"github.com/hinomi-watch/hinomi/backend/internal/uptime"
)

var errOperatorUsage = errors.New("use: hinomi operator grant EMAIL, or hinomi operator revoke EMAIL")

// operator gives an account the operator's role or takes it away. It works
// beside a running service, which knows within a second.
func operator(ctx context.Context, cfg config.Config, log *slog.Logger, out io.Writer, args []string) error {
	if len(args) != 2 {
		return errOperatorUsage
	}
	role := map[string]account.Role{"grant": account.Operator, "revoke": account.User}[args[0]]
	if role == "" {
		return errOperatorUsage
	}
	email, err := account.ParseEmail(args[1])
	if err != nil {
		return fmt.Errorf("%q is not a mail address", args[1])
	}
	url, release, err := besideService(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer release()
	db, err := postgres.Open(url, postgres.Options{Role: postgres.RoleWatch})
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return setRole(ctx, db, out, email, role)
}

func setRole(ctx context.Context, db *postgres.DB, out io.Writer, email string, role account.Role) error {
	who, err := db.CredentialsByEmail(ctx, email)
	if errors.Is(err, uptime.ErrNotFound) {
		return fmt.Errorf("there is no account %s: let it register first", email)
	}
	if err != nil {
		return err
	}
	if role == account.Operator && (!who.Verified() || !who.DisabledAt.IsZero()) {
		return fmt.Errorf("%s has not confirmed its address or is disabled: an operator must be able to sign in", who.Email)
	}
	if who.Role == role {
		_, err = fmt.Fprintf(out, "%s has the role %s already\n", who.Email, role)
		return err
	}
	_, err = db.ChangeAccount(ctx, who.ID, account.OverviewPatch{Role: &role})
	if errors.Is(err, account.ErrLastOperator) {
		return fmt.Errorf("%s is the only operator: grant the role to another account first", who.Email)
	}
	if err != nil {
		return err
	}
	action := map[account.Role]string{account.Operator: "grantOperator", account.User: "revokeOperator"}[role]
	if err := db.WriteAudit(ctx, account.AuditEntry{AccountID: who.ID, Actor: account.BySystem, Action: action}); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s has the role %s now\n", who.Email, role)
	return err
}

// besideService finds the database, whether the service runs or not. What it
// started for the moment is ended by release.
func besideService(ctx context.Context, cfg config.Config, log *slog.Logger) (url string, release func(), err error) {
	if cfg.DatabaseURL != "" {
		return cfg.DatabaseURL, func() {}, nil
	}
	d, err := openDatabase(ctx, cfg, log)
	if errors.Is(err, embedded.ErrInUse) {
		url, err = embedded.RunningURL(cfg.DataDir)
		return url, func() {}, err
	}
	if err != nil {
		return "", nil, err
	}
	return d.url, d.close, nil
}
