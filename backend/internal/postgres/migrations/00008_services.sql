-- +goose Up
-- Hosts that the operator allows whatever their country: nobody's, written by
-- the operator alone (through hinomi_watch).
create table allowed_hosts (
    id         bigint generated always as identity primary key,
    host       text        not null unique,
    created_at timestamptz not null
);
grant select on allowed_hosts to hinomi_api;
grant select, insert, update, delete on allowed_hosts to hinomi_watch;

-- What accounts ask the operator to allow.
create table host_requests (
    id         bigint generated always as identity primary key,
    account_id bigint      not null references accounts on delete cascade,
    host       text        not null,
    note       text        not null,
    created_at timestamptz not null,
    unique (account_id, host)
);
grant select, insert, update, delete on host_requests to hinomi_api, hinomi_watch;
alter table host_requests enable row level security;
create policy everybody on host_requests to hinomi_watch using (true) with check (true);
create policy account on host_requests to hinomi_api
    using (account_id = (select nullif(current_setting('hinomi.account_id', true), '')::bigint))
    with check (account_id = (select nullif(current_setting('hinomi.account_id', true), '')::bigint));

-- Mails about monitors, besides alerts: params names the monitors and holds
-- what is not to be read from anywhere else when the mail is written.
alter table mails add column if not exists params jsonb not null default '{}';
alter table mails drop constraint if exists mails_kind_check;
alter table mails add constraint mails_kind_check check (kind in ('alert', 'account', 'contact', 'reset', 'exists', 'address',
    'address_old', 'claim_lost', 'country', 'reminder', 'again', 'test', 'notice'));

-- TCP has any port; the others their own.
alter table monitors drop constraint if exists monitors_service_check;
alter table monitors add constraint monitors_service_check check (service in ('ping', 'http', 'ftp', 'pop3', 'smtp', 'dns', 'tcp'));

-- Failures do not stop the monitor. Beside the standing, because the recorder
-- must not look elsewhere; a byte, and it is never written with a result.
alter table monitor_states add column keep_watching boolean not null default false;

-- What was looked at and mailed of monitors that are stopped: the mails' own
-- transactions write it, so that each is owed once. Of the stop that began at
-- stopped_at; a later one begins anew.
create table monitor_stops (
    monitor_id bigint      primary key references monitors on delete cascade,
    stopped_at timestamptz not null,
    reminded   smallint    not null default 0 check (reminded between 0 and 2), -- after a day, after seven
    looked_at  timestamptz, -- last look at whether it answers again
    last_line  smallint    not null default 0,
    good       integer     not null default 0, -- good answers in a row
    again_at   timestamptz  -- when it was mailed that it answers again
);
create index monitor_stops_looks on monitor_stops (coalesce(looked_at, stopped_at)) where again_at is null;
grant select, insert, update, delete on monitor_stops to hinomi_watch;
