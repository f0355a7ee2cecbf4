-- The failed ones among what bulk-results gives, behind an index, straight from where failures are stored.
with bound as materialized (
    select case when j.status in ('pending', 'processing', 'paused') then (
               select min(n.target_index) from lanes l cross join lateral (
                   select t.target_index from bulk_targets t
                   where t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane and t.position > l.cursor
                   order by t.position limit 1) n
               where l.account_id = j.account_id and l.job_id = j.id) end as before
    from jobs j where j.account_id = @account and j.id = @job
)
select f.target_index, f.record_id, f.external_id, f.code, f.message
from bound b
join target_failures f on f.account_id = @account and f.job_id = @job
where f.target_index > @after and (b.before is null or f.target_index < b.before)
order by f.target_index
limit @limit;
