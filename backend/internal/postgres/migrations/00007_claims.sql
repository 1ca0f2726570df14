-- +goose Up
-- One account watches a host or an address. hinomi_api sees claims of its own
-- account only: that another one has them it learns from the unique keys.

alter table targets
    add column displaced_at timestamptz, -- null: the target has its host; else another account may get it, or has got it
    add column denied_at    timestamptz, -- since when its DNS says that nobody may watch it
    add column looked_at    timestamptz; -- last look at that, and at where the name points
create index targets_looked on targets (looked_at nulls first, id)
    where displaced_at is null and host !~ '^[0-9.]+$' and strpos(host, ':') = 0; -- names only

-- What an account publishes to prove that a host is its own follows from this
-- key and the host.
alter table accounts add column proof_key bytea not null
    default decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

-- Looks at whether a host is the account's own. No row: nobody has looked.
create table proofs (
    target_id     bigint      primary key references targets on delete cascade,
    account_id    bigint      not null references accounts on delete cascade,
    method        text        check (method in ('dns', 'http')),
    proven_at     timestamptz,
    lost_at       timestamptz,
    checked_at    timestamptz not null,
    next_check_at timestamptz not null, -- while it is proven
    failing_since timestamptz,          -- first of the looks in a row that found nothing
    failures      integer     not null default 0,
    check ((method is null) = (proven_at is null))
);
create index proofs_account on proofs (account_id);
create index proofs_due on proofs (next_check_at) where proven_at is not null;

create table host_claims (
    host       text        primary key,
    account_id bigint      not null references accounts on delete cascade,
    target_id  bigint      not null unique references targets on delete cascade,
    claimed_at timestamptz not null
);
create index host_claims_account on host_claims (account_id);

-- Where targets are, whoever has the address.
create table target_addresses (
    target_id  bigint      not null references targets on delete cascade,
    account_id bigint      not null references accounts on delete cascade,
    address    inet        not null,
    since      timestamptz not null,
    seen_at    timestamptz not null, -- last
    primary key (target_id, address)
);
create index target_addresses_address on target_addresses (address, account_id);
create index target_addresses_account on target_addresses (account_id);

-- As long as the account has a target there.
create table address_claims (
    address    inet        primary key,
    account_id bigint      not null references accounts on delete cascade,
    claimed_at timestamptz not null
);
create index address_claims_account on address_claims (account_id);

-- Networks in which many share an address: the operator's list.
create table shared_networks (
    prefix cidr primary key,
    name   text not null
);
grant select on shared_networks to hinomi_api;
grant select, insert, update, delete on shared_networks to hinomi_watch;

-- +goose StatementBegin
do $do$
declare
    rule constant text := $q$account_id = (select nullif(current_setting('hinomi.account_id', true), '')::bigint)$q$;
    t text;
begin
    foreach t in array array['host_claims', 'target_addresses', 'address_claims', 'proofs'] loop
        execute format('grant select, insert, update, delete on %I to hinomi_api, hinomi_watch', t);
        execute format('alter table %I enable row level security', t);
        execute format('create policy everybody on %I to hinomi_watch using (true) with check (true)', t);
        execute format('create policy account on %I to hinomi_api using (%s) with check (%s)', t, rule, rule);
    end loop;
end
$do$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The last target of an account at an address gives the address up. Whoever
-- just registers another one there holds a lock on the claim, and is waited for
-- before it is looked whether there is one.
create function hinomi_leave_address() returns trigger as $$
begin
    perform from address_claims where address = old.address and account_id = old.account_id for update;
    delete from address_claims c
    where c.address = old.address and c.account_id = old.account_id
        and not exists (select from target_addresses t where t.address = c.address and t.account_id = c.account_id);
    return null;
end
$$ language plpgsql;
-- +goose StatementEnd
create trigger leave_address after delete on target_addresses for each row execute function hinomi_leave_address();

-- +goose StatementBegin
-- How many monitors of all accounts are on that of the addresses which has most.
-- Until the caller's transaction ends nobody else gets an answer of one of them,
-- so who asks after it made some counts all that will be.
create function hinomi_monitors_on(addresses inet[]) returns integer as $$
declare
    a inet;
begin
    for a in select distinct u.x from unnest(addresses) u (x) order by u.x loop
        perform pg_advisory_xact_lock(7246009, hashtext(host(a)));
    end loop;
    return coalesce(max(n), 0) from (
        select count(*) as n
        from target_addresses ta
        join targets t on t.id = ta.target_id and t.displaced_at is null
        join monitors m on m.target_id = ta.target_id
        where ta.address = any(addresses)
        group by ta.address) c;
end
$$ language plpgsql;
-- +goose StatementEnd

-- +goose StatementBegin
-- Both see all accounts' rows and tell none of them.
do $do$
declare
    f text;
begin
    foreach f in array array['hinomi_leave_address()', 'hinomi_monitors_on(inet[])'] loop
        execute format('alter function %s security definer set search_path = %I, pg_temp', f, current_schema());
        execute format('revoke all on function %s from public', f);
    end loop;
end
$do$;
-- +goose StatementEnd
grant execute on function hinomi_monitors_on(inet[]) to hinomi_api, hinomi_watch;
