-- Finds the lanes that a free worker of a distributed database may claim, in the order of claim-lane: first those of the account with the
-- fewest running lanes, and of one account the longest waiting lane. It locks nothing, because no lock spans the nodes.
select l.account_id, l.job_id, l.lane
from lanes l
join jobs j on j.account_id = l.account_id and j.id = l.job_id
join accounts a on a.id = l.account_id
left join (
    select h.account_id, count(*) as lanes
    from lanes h
    where h.status = 'running' and h.owner is not null and h.leased_until >= clock_timestamp()
    group by h.account_id
) held on held.account_id = l.account_id
where l.status in ('ready', 'running')
  and (l.leased_until is null or l.leased_until < clock_timestamp())
  and j.status = 'processing'
  and a.disabled_at is null
order by coalesce(held.lanes, 0), l.updated_at
limit @most;
