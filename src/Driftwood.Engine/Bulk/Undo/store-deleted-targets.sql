-- Makes the last deletions of records runs of targets of a restore. Each run has the records of one row of the change log, in the order of
-- their ids. Returns the number of targets, and some of the ids whose deletion is not known.
with asked as (
    select distinct a.id from unnest(@ids) a (id)
),
deletions as materialized (
    select distinct on (r.record_id) r.record_id as id, c.id as change_id, c.part
    from changes c
    cross join lateral {deleted}
    where c.account_id = @account and c.record_type = @type and c.effect = 'deleted'
      and c.type_id is not distinct from @type_id and c.first_id <= @last and c.last_id >= @first and r.record_id = any (@ids)
      and c.record_ids && @ids and {is_kept}
    order by r.record_id, c.logged_at desc
),
runs as (
    select change_id, part, array_agg(id order by id) as record_ids, count(*) as records from deletions group by change_id, part
),
placed as (
    select r.*, (sum(records) over (order by change_id, part) - records)::bigint as before from runs r
),
stored as (
    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, change_id, change_part, effect)
    select @account, @job, 0, p.before + 1, array(select generate_series(p.before, p.before + p.records - 1)), p.record_ids,
           p.change_id, p.part, 'deleted'
    from placed p
    returning cardinality(record_ids) as records
)
select (select coalesce(sum(records), 0)::bigint from stored),
       array(select a.id from asked a where a.id not in (select d.id from deletions d) order by a.id limit 20);
