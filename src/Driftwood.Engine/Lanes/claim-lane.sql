-- Claims one lane: a ready lane, or one whose lease has run out. It increases the fence, so that the previous worker can no longer
-- commit. With @job null, it takes the account with the fewest running lanes and claims that account's longest waiting lane.
-- The last column tells whether the worker has to prepare the job: the other lanes wait for that, or its targets are not found yet.
-- Invariant: leases are compared only with the database's clock.
with held as materialized (
    select account_id, count(*) as lanes
    from lanes
    where status = 'running' and owner is not null and leased_until >= clock_timestamp()
    group by account_id
),
claimable as (
    select l.account_id, l.job_id, l.lane, j.kind, j.trace_parent, j.control is not null as is_controlled
    from lanes l
    join jobs j on j.account_id = l.account_id and j.id = l.job_id
    join accounts a on a.id = l.account_id
    where l.status in ('ready', 'running')
      and (l.leased_until is null or l.leased_until < clock_timestamp())
      and j.status = 'processing'
      and a.disabled_at is null
      and (@job::uuid is null or (l.account_id = @account and l.job_id = @job and l.lane = @lane))
    order by coalesce((select h.lanes from held h where h.account_id = l.account_id), 0), l.updated_at
    limit 1
    for update of l skip locked
)
update lanes l
set status = 'running',
    fence = l.fence + 1,
    owner = @owner,
    attempts = l.attempts + 1,
    leased_until = clock_timestamp() + @lease,
    updated_at = clock_timestamp()
from claimable c
where l.account_id = c.account_id and l.job_id = c.job_id and l.lane = c.lane
returning l.account_id, l.job_id, l.lane, c.kind, c.trace_parent, c.is_controlled, l.fence, l.cursor, l.attempts, l.retries,
          exists (select 1 from lanes w where w.account_id = l.account_id and w.job_id = l.job_id and w.status = 'waiting')
          or exists (select 1 from bulk_jobs b where b.account_id = l.account_id and b.id = l.job_id and b.to_freeze) as needs_preparation;
