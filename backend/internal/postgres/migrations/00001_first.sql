-- +goose Up
create table accounts (
    id            bigint generated always as identity primary key,
    email         text        not null,
    password_hash text        not null,
    role          text        not null default 'user' check (role in ('user', 'operator')),
    locale        text        not null check (locale in ('ja', 'en')),
    time_zone     text        not null,
    terms_version text        not null,
    verified_at   timestamptz,
    disabled_at   timestamptz,
    created_at    timestamptz not null
);
create unique index accounts_email on accounts (lower(email));

-- A session is a family of refresh tokens; only hashes are stored.
create table sessions (
    id            uuid        primary key,
    account_id    bigint      not null references accounts on delete cascade,
    refresh_hash  bytea       not null,
    previous_hash bytea, -- the token before it
    rotated_at    timestamptz,
    user_agent    text        not null default '',
    created_at    timestamptz not null,
    used_at       timestamptz not null,
    expires_at    timestamptz not null,
    ended_at      timestamptz
);
create unique index sessions_refresh_hash on sessions (refresh_hash);
create index sessions_account on sessions (account_id);

create table contacts (
    id          bigint generated always as identity primary key,
    account_id  bigint      not null references accounts on delete cascade,
    email       text        not null,
    locale      text        not null check (locale in ('ja', 'en')),
    short_form  boolean     not null default false,
    verified_at timestamptz,
    created_at  timestamptz not null
);
create unique index contacts_email on contacts (account_id, lower(email));

-- One-time tokens that are mailed: SHA-256 only.
create table tokens (
    hash       bytea       primary key,
    purpose    text        not null check (purpose in ('account', 'contact', 'download')),
    account_id bigint      not null references accounts on delete cascade,
    contact_id bigint      references contacts on delete cascade,
    params     jsonb       not null default '{}',
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index tokens_account on tokens (account_id, purpose);
create index tokens_contact on tokens (contact_id);

-- Ids of lines stand in packed samples: given once per name, never reused.
create table lines (
    id         smallint    primary key check (id between 1 and 255),
    name       text        not null unique,
    created_at timestamptz not null
);

create table targets (
    id           bigint generated always as identity primary key,
    account_id   bigint      not null references accounts on delete cascade,
    host         text        not null,
    label        text        not null default '',
    notes        text        not null default '',
    pinned       inet,
    pinned_since timestamptz,
    created_at   timestamptz not null
);
create unique index targets_host on targets (account_id, host);

-- Which address a target's results were measured on; literal hosts have no rows.
create table address_changes (
    target_id bigint      not null references targets on delete cascade,
    since     timestamptz not null,
    address   inet        not null,
    primary key (target_id, since)
);

create table monitors (
    id         bigint generated always as identity primary key,
    account_id bigint      not null references accounts on delete cascade,
    target_id  bigint      not null references targets on delete cascade,
    service    text        not null check (service in ('ping', 'http', 'ftp', 'pop3', 'smtp', 'dns')),
    port       integer     not null check (port between 0 and 65535),
    label      text        not null default '',
    notes      text        not null default '',
    created_at timestamptz not null
);
create unique index monitors_service on monitors (target_id, service, port);
create index monitors_account on monitors (account_id, id);

-- The hot row: what the judge remembers and the newest samples, rewritten with
-- every result. No index on anything that changes and half-filled pages keep
-- every update HOT. version goes up with every write, whoever makes it; the
-- recorder writes only over the version that it knows. Updates sweep their own
-- pages (pruning), so that vacuum seldom has to; and nothing is planned by
-- statistics of what changes.
create table monitor_states (
    monitor_id     bigint      primary key references monitors on delete cascade,
    version        bigint      not null default 1,
    generation     integer     not null default 1,
    state          smallint    not null default 1,
    verdict        smallint    not null default 1,
    told           smallint    not null default 1,
    ever_up        boolean     not null default false,
    bad_streak     integer     not null default 0,
    good_streak    integer     not null default 0,
    last_line      smallint    not null default 0,
    last_reason    smallint    not null default 0,
    last_rtt_us    integer     not null default 0,
    last_at        timestamptz,
    last_counted   timestamptz,
    status_since   timestamptz,
    verdict_since  timestamptz not null,
    stopped_at     timestamptz,
    resumed_at     timestamptz,
    incident_start timestamptz,
    observed_until timestamptz,
    run            bytea       not null default '',
    buffer         bytea       not null default '',
    check (octet_length(buffer) <= 128),
    check (bad_streak = 0 or good_streak = 0)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 2, autovacuum_analyze_scale_factor = 20);
alter table monitor_states alter column buffer set storage plain, alter column run set storage plain;

-- Full buffers. seq is the state row's version at the flush: it grows with
-- each, whatever the clock does.
create table sample_chunks (
    day        date   not null,
    monitor_id bigint not null,
    seq        bigint not null,
    frame      bytea  not null,
    primary key (day, monitor_id, seq)
) partition by range (day);
alter table sample_chunks alter column frame set storage plain;

-- One row a monitor and finished day. through is the last seq merged into it.
create table sample_days (
    day        date   not null,
    monitor_id bigint not null,
    through    bigint not null,
    frame      bytea  not null,
    primary key (day, monitor_id)
) partition by range (day);
alter table sample_days alter column frame set storage main;

-- Days that are read from sample_days; all others are read from sample_chunks.
create table packed_days (
    day       date        primary key,
    packed_at timestamptz not null
);

-- Stretches in which a monitor was not watched.
create table watch_gaps (
    monitor_id bigint      not null references monitors on delete cascade,
    from_at    timestamptz not null,
    to_at      timestamptz,
    state      smallint    not null,
    primary key (monitor_id, from_at)
);

create table incidents (
    id             bigint generated always as identity primary key,
    account_id     bigint      not null references accounts on delete cascade,
    monitor_id     bigint      not null references monitors on delete cascade,
    started_at     timestamptz not null,
    confirmed_at   timestamptz not null,
    ended_at       timestamptz,
    observed_until timestamptz,
    cause          smallint    not null,
    lines          smallint[]  not null,
    unique (monitor_id, started_at)
);
create index incidents_account on incidents (account_id, started_at desc, id desc);

create table alert_events (
    id          bigint generated always as identity primary key,
    account_id  bigint      not null references accounts on delete cascade,
    monitor_id  bigint      not null references monitors on delete cascade,
    incident_id bigint      not null references incidents on delete cascade,
    kind        smallint    not null check (kind between 1 and 3),
    at          timestamptz not null,
    since       timestamptz not null,
    streak      integer     not null,
    never_up    boolean     not null,
    again       boolean     not null,
    gap_from    timestamptz,
    gap_to      timestamptz,
    evidence    bytea       not null,
    created_at  timestamptz not null,
    unique (monitor_id, kind, at)
);
create index alert_events_account on alert_events (account_id, id desc);
create index alert_events_incident on alert_events (incident_id);

-- A mail is formed before it is sent and its set of deliveries never changes.
create table mails (
    id          bigint generated always as identity primary key,
    kind        text        not null check (kind in ('alert', 'account', 'contact')),
    account_id  bigint      not null references accounts on delete cascade,
    contact_id  bigint      references contacts on delete cascade,
    email       text        not null,
    locale      text        not null,
    token       text        not null default '',
    created_at  timestamptz not null,
    next_try_at timestamptz not null,
    lease_until timestamptz,
    attempts    integer     not null default 0,
    sent_at     timestamptz,
    failed_at   timestamptz,
    last_error  text        not null default '',
    check (kind <> 'alert' or contact_id is not null)
);
create unique index mails_one_unfinished on mails (contact_id)
    where kind = 'alert' and sent_at is null and failed_at is null;
create index mails_due on mails (next_try_at) where sent_at is null and failed_at is null;
create index mails_account on mails (account_id, id desc);
create index mails_contact on mails (contact_id);

create table deliveries (
    id         bigint generated always as identity primary key,
    account_id bigint      not null references accounts on delete cascade,
    event_id   bigint      not null references alert_events on delete cascade,
    contact_id bigint      not null references contacts on delete cascade,
    mail_id    bigint      references mails on delete cascade,
    created_at timestamptz not null,
    unique (event_id, contact_id)
);
create index deliveries_waiting on deliveries (contact_id, created_at) where mail_id is null;
create index deliveries_mail on deliveries (mail_id);
create index deliveries_contact on deliveries (contact_id);

-- The last batch that a node's recorder committed: read after an error at
-- COMMIT, which may have come after it was done.
create table recorder_progress (
    node  text   primary key,
    batch bigint not null
);

-- +goose StatementBegin
create function hinomi_varint(frame bytea, pos inout integer, value out numeric) as $$
declare
    shift integer := 0;
    b     integer;
begin
    value := 0;
    loop
        b := get_byte(frame, pos);
        pos := pos + 1;
        value := value + (b & 127)::numeric * (2::numeric ^ shift);
        exit when b < 128;
        shift := shift + 7;
    end loop;
    value := trunc(value);
end
$$ language plpgsql immutable strict;
-- +goose StatementEnd

-- +goose StatementBegin
create function hinomi_samples(frame bytea)
    returns table (at timestamptz, line smallint, reason smallint, rtt_us integer) as $$
declare
    pos   integer := 1;
    n     integer := 0;
    ms    bigint  := 0;
    delta bigint  := 0;
    v     numeric;
    step  bigint;
begin
    if octet_length(frame) = 0 then
        return;
    end if;
    if get_byte(frame, 0) <> 1 then
        raise exception 'sample frame of version %', get_byte(frame, 0);
    end if;
    while pos < octet_length(frame) loop
        select h.pos, h.value into pos, v from hinomi_varint(frame, pos) h;
        step := case when v % 2 = 0 then v / 2 else -(v + 1) / 2 end;
        if n > 0 then
            delta := delta + step;
            ms := ms + delta;
        else
            ms := step;
        end if;
        n := n + 1;
        select h.pos, h.value into pos, v from hinomi_varint(frame, pos) h;
        line := v::integer >> 5;
        reason := v::integer & 31;
        select h.pos, h.value into pos, v from hinomi_varint(frame, pos) h;
        rtt_us := v;
        at := 'epoch'::timestamptz + ms * interval '1 millisecond';
        return next;
    end loop;
end
$$ language plpgsql immutable strict;
-- +goose StatementEnd

-- +goose StatementBegin
-- Makes the partitions of both sample tables that are missing for the days
-- [from_day, to_day]. A packed day needs no partition for chunks any more. A
-- table that is attached, unlike one that is created as a partition, neither
-- waits for readers nor makes them wait.
create function hinomi_make_partitions(from_day date, to_day date) returns void as $$
declare
    d date;
    t text;
    p text;
begin
    perform pg_advisory_xact_lock(7246002);
    for d in select generate_series(from_day, to_day, interval '1 day')::date loop
        foreach t in array array['sample_chunks', 'sample_days'] loop
            p := t || to_char(d, '_YYYYMMDD');
            continue when to_regclass(p) is not null
                or (t = 'sample_chunks' and exists (select from packed_days where day = d));
            execute format('create table %I (like %I including all)', p, t);
            execute format('alter table %I attach partition %I for values from (%L) to (%L)', t, p, d, d + 1);
        end loop;
    end loop;
end
$$ language plpgsql;
-- +goose StatementEnd

-- +goose StatementBegin
-- hinomi_fold(text) takes the case away for searching, of all letters where the
-- server knows them (ICU), else of those that its locale knows.
do $do$
begin
    execute format('create function hinomi_fold(words text) returns text as $$ select lower(words%s) $$ language sql immutable strict',
        case when exists (select from pg_collation where collname = 'und-x-icu') then ' collate "und-x-icu"' else '' end);
end
$do$;
-- +goose StatementEnd

-- +goose Down
drop function hinomi_fold, hinomi_make_partitions, hinomi_samples, hinomi_varint;
drop table recorder_progress, deliveries, mails, alert_events, incidents, watch_gaps, packed_days, sample_days,
    sample_chunks, monitor_states, monitors, address_changes, targets, lines, tokens, contacts, sessions, accounts;
