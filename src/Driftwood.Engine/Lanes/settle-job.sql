-- Settles a job after all its lanes have ended. The statements are sent together, but each one starts after the previous one has
-- finished. It sees the commits that were made while the first statement waited for the job's lock. So two last lanes that end at
-- the same moment cannot miss each other.

-- Not the stronger lock: it would wait for the chunks of other lanes, whose error rows refer to the job.
select 1 from jobs where account_id = @account and id = @job and status = 'processing' for no key update;

-- Lanes that stopped for a pause that was withdrawn meanwhile become ready again. The sweeper wakes them.
update lanes l
set status = 'ready', updated_at = statement_timestamp()
from jobs j
where j.account_id = @account and j.id = @job and j.status = 'processing' and j.control is null
  and l.account_id = j.account_id and l.job_id = j.id and l.status = 'stopped';

-- One failed lane fails the job. Stopped lanes make it paused or cancelled, as the caller asked. Otherwise it is completed. The counters
-- of a completed job must add up to its total; a maintenance job has no total. Lanes that wait for the preparation count as ended:
-- until it is done, the lane that prepares the job is unfinished.
update jobs j
set status = s.status,
    control = null,
    error_message = case
        when s.status <> 'failed' then null
        when s.failed then coalesce(j.error_message, 'The job stopped before its end.')
        else s.processed::text || ' of ' || j.total_count::text || ' rows were processed.'
    end,
    completed_at = case when s.status <> 'paused' then s.settled_at end,
    updated_at = s.settled_at
from (
    select statement_timestamp() as settled_at,
           bool_or(l.status = 'failed') as failed,
           sum(l.processed) as processed,
           sum(l.created)::bigint as created,
           sum(l.updated)::bigint as updated,
           sum(l.deleted)::bigint as deleted,
           sum(l.skipped)::bigint as skipped,
           sum(l.failed)::bigint as failures,
           case
               when bool_or(l.status = 'failed') then 'failed'
               when bool_or(l.status = 'stopped') then case when k.control = 'cancel' then 'cancelled' else 'paused' end
               when k.kind = 'maintenance' or sum(l.processed) = k.total_count then 'completed'
               else 'failed'
           end as status
    from jobs k
    join lanes l on l.account_id = k.account_id and l.job_id = k.id
    where k.account_id = @account and k.id = @job
    group by k.account_id, k.id
    having bool_and(l.status in ('completed', 'failed', 'stopped', 'waiting'))
) s
where j.account_id = @account and j.id = @job and j.status = 'processing'
returning j.kind, j.status, s.created, s.updated, s.deleted, s.skipped, s.failures,
    s.settled_at - coalesce(j.started_at, j.created_at);

-- A job that cannot be resumed no longer needs its lane plan, which may take megabytes.
delete from lane_plans p
using jobs j
where p.account_id = @account and p.job_id = @job
  and j.account_id = p.account_id and j.id = p.job_id and j.status in ('completed', 'cancelled');
