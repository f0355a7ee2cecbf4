-- Makes each row of another job's change log a run of targets. In each lane, the last row comes first.
with log as (
    select c.lane, c.id, c.part, c.effect, c.record_ids, cardinality(c.record_ids) as records,
           row_number() over (order by c.lane, c.cursor desc, c.step desc, c.logged_at desc, c.part desc) as place
    from changes c
    where c.account_id = @account and c.job_id = @source and c.effect in ('created', 'updated', 'deleted')
),
placed as (
    select l.*,
           (sum(records) over (order by place) - records)::bigint as before,
           (sum(records) over (partition by lane order by place) - records)::bigint as before_in_lane
    from log l
),
stored as (
    insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, change_id, change_part, effect)
    select @account, @job, p.lane, p.before_in_lane + 1, array(select generate_series(p.before, p.before + p.records - 1)), p.record_ids,
           p.id, p.part, p.effect
    from placed p
    returning cardinality(record_ids) as records
)
select coalesce(sum(records), 0)::bigint from stored;
