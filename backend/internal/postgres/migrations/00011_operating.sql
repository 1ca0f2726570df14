-- +goose Up
-- Monitors that were active when an operator shut their account out: they go on
-- when it is let in again.
create table suspended_monitors (
    monitor_id bigint primary key references monitors on delete cascade,
    account_id bigint not null references accounts on delete cascade
);
create index suspended_monitors_account on suspended_monitors (account_id);

alter table suspended_monitors enable row level security;
create policy everybody on suspended_monitors to hinomi_watch using (true) with check (true);
grant select, insert, delete on suspended_monitors to hinomi_watch;
