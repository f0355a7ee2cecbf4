-- Everything that the first step of a bulk job needs. Returns no row when the job's targets are already resolved.
select j.record_type, case when b.operation not in ('undo', 'restore') then b.operation end as operation,
       b.operation = 'restore' as is_restore, b.params, b.external_ids, b.filter::text as filter, b.query,
       b.expected_count, b.undoes_job_id,
       (select count(*)::int from lanes l where l.account_id = @account and l.job_id = @job) as lanes
from jobs j
join bulk_jobs b on b.account_id = j.account_id and b.id = j.id
where j.account_id = @account and j.id = @job and b.to_freeze;
