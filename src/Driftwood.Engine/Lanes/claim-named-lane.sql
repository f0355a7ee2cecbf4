-- Claims a lane that is named, as claim-lane does, on the node that has its account. A lane that another worker claims or that a chunk
-- has locked is passed over. The coordinator's clock decides whether a lease has run out, as it also sets leases.
-- candidate-lanes asks the clocks of the nodes.
update lanes l
set status = 'running',
    fence = l.fence + 1,
    owner = @owner,
    attempts = l.attempts + 1,
    leased_until = statement_timestamp() + @lease,
    updated_at = statement_timestamp()
from (
    select c.account_id, c.job_id, c.lane
    from lanes c
    join jobs j on j.account_id = c.account_id and j.id = c.job_id
    join accounts a on a.id = c.account_id
    where c.account_id = @account and c.job_id = @job and c.lane = @lane
      and c.status in ('ready', 'running')
      and (c.leased_until is null or c.leased_until < statement_timestamp())
      and j.status = 'processing'
      and a.disabled_at is null
    for update of c skip locked
) claimable
where l.account_id = @account and l.job_id = @job and l.lane = @lane and l.status in ('ready', 'running')
  and l.account_id = claimable.account_id and l.job_id = claimable.job_id and l.lane = claimable.lane
returning l.fence, l.cursor, l.attempts, l.retries;
