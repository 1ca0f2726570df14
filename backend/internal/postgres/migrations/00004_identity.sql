-- +goose Up
-- Codes of six digits beside mailed links, password reset, change of the
-- sign-in address, invitations.
alter table tokens
    drop constraint tokens_purpose_check,
    add constraint tokens_purpose_check check (purpose in ('account', 'contact', 'download', 'reset', 'address', 'unsubscribe')),
    add column code_hash bytea, -- HMAC-SHA-256 of the code that stands in the mail beside the link
    add column code_tries smallint not null default 0; -- that were wrong

alter table mails
    drop constraint mails_kind_check,
    add constraint mails_kind_check check (kind in ('alert', 'account', 'contact', 'reset', 'exists', 'address', 'address_old', 'claim_lost',
        'country', 'reminder', 'again', 'test', 'notice')),
    add column if not exists params jsonb not null default '{}';

-- An invitation is used up by the address that first registers with it.
create table invites (
    id         bigint generated always as identity primary key,
    account_id bigint      not null references accounts on delete cascade, -- the operator who made it
    code_hash  bytea       not null unique, -- SHA-256
    email      text,        -- null: for any address
    used_by    bytea,       -- SHA-256 of the address in lower case
    used_at    timestamptz,
    created_at timestamptz not null,
    expires_at timestamptz not null
);
create index invites_account on invites (account_id);

-- +goose StatementBegin
-- Who registers has no account yet: an invitation is found by its code.
do $do$
declare
    me constant text := $q$(select nullif(current_setting('hinomi.account_id', true), '')::bigint)$q$;
    rule constant text := format('%s is null or account_id = %s', me, me);
begin
    alter table invites enable row level security;
    create policy everybody on invites to hinomi_watch using (true) with check (true);
    execute format('create policy account on invites to hinomi_api using (%s) with check (%s)', rule, rule);
end
$do$;
-- +goose StatementEnd
grant select, insert, update, delete on invites to hinomi_api, hinomi_watch;
