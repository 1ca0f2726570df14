-- +goose Up
-- Mails that ask an address to confirm something, of the last day and whichever
-- account they were for: the newest last. Nobody's; an address is its hash.
create table mailed_addresses (
    address bytea         not null, -- SHA-256 of the address in lower case
    about   text          not null check (about in ('account', 'contact')),
    mailed  timestamptz[] not null,
    primary key (address, about)
);
grant select, delete on mailed_addresses to hinomi_watch;

-- +goose StatementBegin
-- Counts one more mail, unless the address got that many within a day: then it
-- is false. Two transactions that ask about one address wait for each other.
create function hinomi_may_mail(to_address text, about_what text, most integer, now_at timestamptz) returns boolean as $$
begin
    insert into mailed_addresses as a (address, about, mailed)
    values (sha256(convert_to(lower(to_address), 'UTF8')), about_what, array[now_at])
    on conflict (address, about) do update
    set mailed = array(select u.at from unnest(a.mailed) u (at) where u.at > now_at - interval '1 day') || now_at
    where (select count(*) from unnest(a.mailed) u (at) where u.at > now_at - interval '1 day') < most;
    return found;
end
$$ language plpgsql;
-- +goose StatementEnd

-- +goose StatementBegin
-- Whoever confirmed something wants our mails: they are counted anew.
create function hinomi_address_confirmed(its_address text) returns void as $$
    delete from mailed_addresses where address = sha256(convert_to(lower(its_address), 'UTF8'))
$$ language sql;
-- +goose StatementEnd

-- +goose StatementBegin
do $do$
declare
    f text;
begin
    foreach f in array array['hinomi_may_mail(text, text, integer, timestamptz)', 'hinomi_address_confirmed(text)'] loop
        execute format('alter function %s security definer set search_path = %I, pg_temp', f, current_schema());
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to hinomi_api, hinomi_watch', f);
    end loop;
end
$do$;
-- +goose StatementEnd

-- A contact that does not want our mails any more, or whose server has refused
-- for good, gets none until it confirms again.
alter table contacts
    add column unsubscribed_at timestamptz,
    add column bounced_at      timestamptz,
    add column bounces         smallint not null default 0, -- mails in a row that were refused
    add column bounce          text     not null default ''; -- what the server said to the last of them

-- Whom a target's alerts go to; without a row, everybody.
create table target_contacts (
    account_id bigint not null references accounts on delete cascade,
    target_id  bigint not null references targets on delete cascade,
    contact_id bigint not null references contacts on delete cascade,
    primary key (target_id, contact_id)
);
create index target_contacts_contact on target_contacts (contact_id);
create index target_contacts_account on target_contacts (account_id);

-- +goose StatementBegin
do $do$
declare
    rule constant text := $q$account_id = (select nullif(current_setting('hinomi.account_id', true), '')::bigint)$q$;
begin
    grant select, insert, update, delete on target_contacts to hinomi_api, hinomi_watch;
    alter table target_contacts enable row level security;
    create policy everybody on target_contacts to hinomi_watch using (true) with check (true);
    execute format('create policy account on target_contacts to hinomi_api using (%s) with check (%s)', rule, rule);
end
$do$;
-- +goose StatementEnd

-- What upkeep looks for.
create index mails_over on mails (coalesce(sent_at, failed_at)) where sent_at is not null or failed_at is not null;
create index tokens_expiry on tokens (expires_at);
