-- Lanes that nobody holds: never woken, handed back, or left by a worker whose lease has run out.
select l.account_id, l.job_id, l.lane
from lanes l
join jobs j on j.account_id = l.account_id and j.id = l.job_id
join accounts a on a.id = l.account_id
where l.status in ('ready', 'running')
  and (l.leased_until is null or l.leased_until < clock_timestamp())
  and j.status = 'processing'
  and a.disabled_at is null
order by l.updated_at
limit 100;
