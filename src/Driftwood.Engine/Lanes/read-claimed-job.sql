-- Reads the job of a lane that a worker has claimed by claim-named-lane. needs_preparation has the same meaning as in claim-lane.
select j.kind, j.trace_parent, j.control is not null as is_controlled,
       exists (select 1 from lanes w where w.account_id = @account and w.job_id = @job and w.status = 'waiting')
       or exists (select 1 from bulk_jobs b where b.account_id = @account and b.id = @job and b.to_freeze) as needs_preparation
from jobs j
where j.account_id = @account and j.id = @job;
