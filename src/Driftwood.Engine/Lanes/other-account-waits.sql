-- Whether an account with fewer than @lanes running lanes has had a lane waiting for @turn. The other half of must-yield, for a distributed
-- database.
select l.account_id
from lanes l
join jobs j on j.account_id = l.account_id and j.id = l.job_id
join accounts a on a.id = l.account_id
left join (
    select h.account_id, count(*) as lanes
    from lanes h
    where h.status = 'running' and h.owner is not null and h.leased_until >= clock_timestamp()
    group by h.account_id
) held on held.account_id = l.account_id
where l.account_id <> @account
  and l.status in ('ready', 'running')
  and coalesce(l.leased_until, l.updated_at) < clock_timestamp() - @turn
  and j.status = 'processing'
  and a.disabled_at is null
  and coalesce(held.lanes, 0) < @lanes
limit 1;
