-- +goose Up
-- Row-level security, the second net: the first is that every query of a
-- tenant's data names the account. hinomi_api sees the rows of the account that
-- its transaction set (hinomi.account_id), and none without; hinomi_watch works
-- for everybody. Both roles exist before migrations run. The owner passes by
-- all of this, and no process that serves people connects as it.
-- An emptied setting is '' and not null, hence nullif. The sub-select lets the
-- setting be read once a statement and not once a row.

-- +goose StatementBegin
do $do$
declare
    me constant text := $q$(select nullif(current_setting('hinomi.account_id', true), '')::bigint)$q$;
    rule text;
    t text;
begin
    execute format('grant usage on schema %I to hinomi_api, hinomi_watch', current_schema());

    foreach t in array array['accounts', 'sessions', 'contacts', 'tokens', 'lines', 'targets', 'address_changes', 'monitors',
        'monitor_states', 'sample_chunks', 'sample_days', 'packed_days', 'watch_gaps', 'incidents', 'alert_events', 'mails',
        'deliveries', 'recorder_progress'] loop
        execute format('grant select, insert, update, delete on %I to hinomi_watch', t);
        continue when t in ('lines', 'packed_days', 'recorder_progress'); -- nobody's
        execute format('alter table %I enable row level security', t);
        execute format('create policy everybody on %I to hinomi_watch using (true) with check (true)', t);
    end loop;

    foreach t in array array['contacts', 'targets', 'monitors', 'incidents', 'alert_events', 'mails', 'deliveries'] loop
        rule := 'account_id = ' || me;
        execute format('grant select, insert, update, delete on %I to hinomi_api', t);
        execute format('create policy account on %I to hinomi_api using (%s) with check (%s)', t, rule, rule);
    end loop;

    foreach t in array array['monitor_states', 'sample_chunks', 'sample_days', 'watch_gaps'] loop
        rule := format('exists (select from monitors m where m.id = %I.monitor_id and m.account_id = %s)', t, me);
        execute format('create policy account on %I to hinomi_api using (%s) with check (%s)', t, rule, rule);
    end loop;
    rule := format('exists (select from targets t where t.id = address_changes.target_id and t.account_id = %s)', me);
    execute format('create policy account on address_changes to hinomi_api using (%s) with check (%s)', rule, rule);

    -- Who comes in has no account yet: these are found by address, session or
    -- hash. Once a transaction has an account, it sees only that one's.
    foreach t in array array['accounts', 'sessions', 'tokens'] loop
        rule := format('%s is null or %I = %s', me, case t when 'accounts' then 'id' else 'account_id' end, me);
        execute format('grant select, insert, update, delete on %I to hinomi_api', t);
        execute format('create policy account on %I to hinomi_api using (%s) with check (%s)', t, rule, rule);
    end loop;
end
$do$;
-- +goose StatementEnd

grant select, insert, update on monitor_states, watch_gaps to hinomi_api;
grant select on sample_chunks, sample_days, address_changes, packed_days, lines to hinomi_api;

-- +goose StatementBegin
-- Drops one day of a table of samples, if it is there.
create function hinomi_drop_partition(parent text, of_day date) returns void as $$
begin
    if parent not in ('sample_chunks', 'sample_days') then
        raise exception '% is no table of samples', parent;
    end if;
    execute format('drop table if exists %I', parent || to_char(of_day, '_YYYYMMDD'));
end
$$ language plpgsql;
-- +goose StatementEnd

-- +goose StatementBegin
-- Deletes the samples of those of the monitors that are gone; a monitor that is
-- still there keeps its own, whoever asks. Days and ids stand as lists: they
-- walk the primary keys, where joins would read all rows.
create function hinomi_forget_samples(ids bigint[]) returns void as $$
declare
    gone bigint[] := array(select u.id from unnest(ids) u (id) where not exists (select from monitors m where m.id = u.id));
    days date[]   := array(select distinct to_date(right(c.relname, 8), 'YYYYMMDD')
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent in ('sample_chunks'::regclass, 'sample_days'::regclass));
begin
    delete from sample_chunks where day = any(days) and monitor_id = any(gone);
    delete from sample_days where day = any(days) and monitor_id = any(gone);
end
$$ language plpgsql;
-- +goose StatementEnd

-- The only ways in which somebody else than the owner makes and drops tables,
-- or deletes what is no account's any more. They run as the owner, and find
-- nothing in the caller's schemas.
-- +goose StatementBegin
do $do$
declare
    f text;
begin
    foreach f in array array['hinomi_make_partitions(date, date)', 'hinomi_drop_partition(text, date)', 'hinomi_forget_samples(bigint[])'] loop
        execute format('alter function %s security definer set search_path = %I, pg_temp', f, current_schema());
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to hinomi_watch', f);
    end loop;
end
$do$;
-- +goose StatementEnd
grant execute on function hinomi_forget_samples(bigint[]) to hinomi_api;
