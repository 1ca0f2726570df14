package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Role is a role of the server that a pool takes on when it connects; RESET
// ROLE comes back to it and not to the user of the URL.
type Role string

// The roles there are.
const (
	Owner     Role = ""             // the URL's own user: migrations only
	RoleAPI   Role = "hinomi_api"   // sees one account's rows in a transaction, none without
	RoleWatch Role = "hinomi_watch" // records and mails for everybody
)

// ErrRoles is that the URL's user may neither make nor take on the roles; its
// text holds the statements that let it.
var ErrRoles = errors.New("the database's user may not use the roles of the service")

const (
	roleExistsSQL = `select exists (select from pg_roles where rolname = $1)`

	// Since PostgreSQL 16 a member may not always SET ROLE.
	mayTakeSQL = `
select pg_has_role($1, case when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end)`
)

// ensureRoles makes the roles that are missing and lets the URL's user take
// them on. Roles are the server's, not the database's: a database that was
// restored elsewhere finds none, so this is done at every start.
func ensureRoles(ctx context.Context, x *sqlx.DB) error {
	var needed []string
	for _, role := range []Role{RoleAPI, RoleWatch} {
		statement, err := ensureRole(ctx, x, role)
		if err != nil {
			return fault("ensure roles", err)
		}
		needed = append(needed, statement...)
	}
	if len(needed) == 0 {
		return nil
	}
	return fmt.Errorf("%w; let an administrator of the server run, and start again:\n%s", ErrRoles, strings.Join(needed, "\n"))
}

// ensureRole gives the statements that an administrator must run, if any.
func ensureRole(ctx context.Context, x *sqlx.DB, role Role) (needed []string, err error) {
	var user string
	if err := x.GetContext(ctx, &user, `select current_user`); err != nil {
		return nil, err
	}
	create := `create role ` + string(role) + ` nologin`
	grant := `grant ` + string(role) + ` to ` + pq.QuoteIdentifier(user)
	made, err := holds(ctx, x, roleExistsSQL, role, create)
	if err != nil {
		return nil, err
	}
	if !made {
		return []string{create + ";", grant + ";"}, nil
	}
	taken, err := holds(ctx, x, mayTakeSQL, role, grant)
	if err != nil || taken {
		return nil, err
	}
	return []string{grant + ";"}, nil
}

// holds asks, and if the answer is no carries the remedy out and asks again. A
// remedy that is not permitted, or that somebody else carries out in the same
// moment, is no error: the second answer counts.
func holds(ctx context.Context, x *sqlx.DB, query string, role Role, remedy string) (yes bool, err error) {
	if err := x.GetContext(ctx, &yes, query, role); err != nil || yes {
		return yes, err
	}
	_, err = x.ExecContext(ctx, remedy)
	tolerable := pq.As(err, pqerror.InsufficientPrivilege, pqerror.DuplicateObject, pqerror.UniqueViolation, pqerror.InternalError)
	if err != nil && tolerable == nil {
		return false, err
	}
	err = x.GetContext(ctx, &yes, query, role)
	return yes, err
}
