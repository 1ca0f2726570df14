-- +goose Up
-- Who changed what, when and from where. Rows are added and never altered: they
-- go with their account, and a year later.
create table audit_log (
    id           bigint generated always as identity primary key,
    at           timestamptz not null,
    account_id   bigint references accounts on delete cascade, -- whose log it is; null: nobody's that we know
    actor        text        not null check (actor in ('account', 'operator', 'system', 'nobody')),
    actor_id     bigint references accounts on delete set null, -- the account or operator that did it
    session_id   uuid,
    api_token_id bigint,
    action       text        not null,
    object       text        not null, -- the id that the request named or made; '' if there is none
    address      text        not null,
    user_agent   text        not null,
    detail       text        not null
);
create index audit_log_account on audit_log (account_id, id);
create index audit_log_actor on audit_log (actor_id);
create index audit_log_at on audit_log (at);

grant select, insert on audit_log to hinomi_api, hinomi_watch;
alter table audit_log enable row level security;
create policy everybody on audit_log to hinomi_watch using (true) with check (true);
-- Without an account nothing is seen, and only nobody's rows are added.
create policy account on audit_log to hinomi_api
    using (account_id = (select nullif(current_setting('hinomi.account_id', true), '')::bigint))
    with check (account_id is not distinct from (select nullif(current_setting('hinomi.account_id', true), '')::bigint));

-- +goose StatementBegin
-- Deletes at most so many rows that are more than a year old, and tells how
-- many. The only way in which the service forgets any.
create function hinomi_forget_audit(at_most int) returns bigint as $$
    with old as (
        delete from audit_log
        where id in (select id from audit_log where at < now() - interval '1 year' order by at limit at_most)
        returning 1
    )
    select count(*) from old;
$$ language sql;
-- +goose StatementEnd

-- +goose StatementBegin
do $do$
begin
    execute format('alter function hinomi_forget_audit(int) security definer set search_path = %I, pg_temp', current_schema());
end
$do$;
-- +goose StatementEnd
revoke all on function hinomi_forget_audit(int) from public;
grant execute on function hinomi_forget_audit(int) to hinomi_watch;
