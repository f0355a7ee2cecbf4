-- Makes the last deletions of records runs of targets of a restore: those by the job $5, if it is not null, of which the further condition
-- on r holds. r is what the record held, with when, by whom and by which job it was deleted. Records that are there again, that were
-- erased, or whose values were not kept are left out. The records that were deleted last come first. Returns the number of targets.
with deletions as materialized (
    select distinct on (r.record_id) c.id as change_id, c.part, c.logged_at, c.user_id, c.job_id, r.*
    from changes c
    cross join lateral {deleted}
    where c.account_id = $1 and c.record_type = $3 and c.effect = 'deleted' and c.type_id is not distinct from $4
      and c.logged_at >= coalesce((select min(j.logged_at) from changes j where j.account_id = $1 and j.job_id = $5), '-infinity')
    order by r.record_id, c.logged_at desc
),
found as (
    select r.id, r.change_id, r.part, r.deleted_at as logged_at
    from (select d.*, d.record_id as id, d.logged_at as deleted_at, d.user_id as deleted_by, d.job_id as deleted_by_job from deletions d) r
    where {is_kept} and ($5 is null or r.deleted_by_job = $5) and {condition}
      and not exists (select 1 from {records} x where {owned} and x.id = r.id)
),
runs as (
    select change_id, part, max(logged_at) as logged_at, array_agg(id order by id) as record_ids, count(*) as records
    from found group by change_id, part
),
placed as (
    select r.*, (sum(records) over (order by logged_at desc, change_id, part) - records)::bigint as before from runs r
),
stored as (
    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, change_id, change_part, effect)
    select $1, $2, 0, p.before + 1, array(select generate_series(p.before, p.before + p.records - 1)), p.record_ids, p.change_id, p.part,
           'deleted'
    from placed p
    returning cardinality(record_ids) as records
)
select coalesce(sum(records), 0)::bigint from stored;
