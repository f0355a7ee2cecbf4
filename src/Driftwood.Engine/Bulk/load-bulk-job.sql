-- Everything that a worker needs to know about a bulk job after it claimed a lane. targets is the number of targets of the lane.
-- operation is null for an undo, a restore and an erasure, which have statements of their own.
select j.record_type, j.created_by, j.keep_changes, j.dry_run_state is not null as is_dry_run, b.params,
       b.operation = 'erase' as is_erasure,
       case when b.operation not in ('undo', 'restore', 'erase') then b.operation end as operation,
       coalesce((select t.first + cardinality(t.record_ids) - 1 from bulk_target_runs t
                 where t.account_id = @account and t.job_id = @job and t.lane = @lane order by t.first desc limit 1), 0) as targets,
       exists (select 1 from bulk_items k where k.account_id = @account and k.job_id = @job) as has_items
from jobs j
join bulk_jobs b on b.account_id = j.account_id and b.id = j.id
where j.account_id = @account and j.id = @job;
