-- Second half: a job none of whose lanes is unfinished takes its final state. One failed lane fails the job; stopped
-- lanes make it what the caller asked for; otherwise it is completed, and then its counters must add up to its total; but
-- what a maintenance job finds to do is not known before. Lanes that wait for a plan count as ended: while there is hope of one,
-- the lane that makes it is unfinished.
update jobs j
set status = s.status,
    control = null,
    error_message = case
        when s.status <> 'failed' then null
        when s.failed then coalesce(j.error_message, 'The job stopped before its end.')
        else 'Of ' || j.total_count || ' rows, ' || s.processed || ' were dealt with.'
    end,
    completed_at = case when s.status <> 'paused' then clock_timestamp() end,
    updated_at = clock_timestamp()
from (
    select bool_or(l.status = 'failed') as failed,
           sum(l.processed) as processed,
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
returning j.status;
