-- +goose Up
-- What operators change while the service runs: one row. null is what the
-- environment says.
create table service_settings (
    one             boolean     primary key default true check (one),
    registration    text        check (registration in ('open', 'invite', 'closed')),
    stop_after      integer     check (stop_after between 0 and 1000),
    announcement_ja text        not null default '',
    announcement_en text        not null default '',
    halted_at       timestamptz -- since when nothing is watched; null: it is
);
insert into service_settings default values;
grant select on service_settings to hinomi_api;
grant select, update on service_settings to hinomi_watch;

-- Terms that operators have put in the place of those that Hinomi brings, by
-- the day on which they come into force. What people agreed to never changes.
create table terms (
    version    date        primary key,
    ja         text        not null,
    en         text        not null,
    created_at timestamptz not null
);
grant select on terms to hinomi_api;
grant select, insert on terms to hinomi_watch;
