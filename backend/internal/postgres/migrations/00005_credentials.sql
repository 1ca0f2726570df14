-- +goose Up
-- What scripts sign in with; only hashes are stored. Whoever comes with one has
-- no account yet, so it is found by its hash, as tokens are.
create table api_tokens (
    id           bigint generated always as identity primary key,
    account_id   bigint      not null references accounts on delete cascade,
    name         text        not null,
    prefix       text        not null, -- shown, to tell it from others
    hash         bytea       not null,
    scopes       text[]      not null check (scopes <> '{}' and scopes <@ array['read', 'write', 'targets:read', 'targets:write',
        'contacts:read', 'contacts:write', 'results:read']),
    created_at   timestamptz not null,
    expires_at   timestamptz,
    last_used_at timestamptz -- to the minute
);
create unique index api_tokens_hash on api_tokens (hash);
create index api_tokens_account on api_tokens (account_id);

-- When the second factor was turned on; null: a sign-in needs the password only.
alter table accounts add column second_factor_at timestamptz;

-- The shared secret of an account's authenticator (RFC 6238), encrypted with a
-- key that is not in the database. Until it is turned on it is a proposal.
create table second_factors (
    account_id bigint      primary key references accounts on delete cascade,
    secret     bytea       not null,
    last_step  bigint      not null default 0, -- the newest time step that was used
    created_at timestamptz not null
);

-- Single-use codes for who has lost the authenticator: 120 random bits, hashed.
create table recovery_codes (
    account_id bigint not null references accounts on delete cascade,
    hash       bytea  not null,
    primary key (account_id, hash)
);

-- +goose StatementBegin
do $do$
declare
    me constant text := $q$(select nullif(current_setting('hinomi.account_id', true), '')::bigint)$q$;
    rule text;
    t text;
begin
    foreach t in array array['api_tokens', 'second_factors', 'recovery_codes'] loop
        rule := 'account_id = ' || me;
        if t = 'api_tokens' then
            rule := me || ' is null or ' || rule;
        end if;
        execute format('grant select, insert, update, delete on %I to hinomi_api, hinomi_watch', t);
        execute format('alter table %I enable row level security', t);
        execute format('create policy everybody on %I to hinomi_watch using (true) with check (true)', t);
        execute format('create policy account on %I to hinomi_api using (%s) with check (%s)', t, rule, rule);
    end loop;
end
$do$;
-- +goose StatementEnd
