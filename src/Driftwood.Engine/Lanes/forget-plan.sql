-- After a job is settled: one that cannot be resumed has no more use for its plan, which may have megabytes.
delete from lane_plans p
using jobs j
where p.account_id = @account and p.job_id = @job
  and j.account_id = p.account_id and j.id = p.job_id and j.status in ('completed', 'cancelled');
