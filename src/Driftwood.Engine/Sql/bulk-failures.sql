-- The failed ones among what bulk-results gives, behind an index, straight from where failures are stored. A failed job lists all
-- of them, in lanes that stopped at different places, and may be resumed: with its pages goes how far each lane was ("cursors"), and
-- where one has gone on since (@positions), the list is taken up again at the first target that it dealt with then.
with places as materialized (
    select l.lane, l.cursor, n.target_index as next, s.target_index as since
    from lanes l
    left join unnest(@positions) with ordinality as a(position, place) on a.place = l.lane + 1
    left join lateral (
        select t.target_index from bulk_targets t
        where t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane and t.position > l.cursor
        order by t.position limit 1) n on true
    left join lateral (
        select t.target_index from bulk_targets t
        where t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane and t.position > a.position and a.position < l.cursor
        order by t.position limit 1) s on true
    where l.account_id = @account and l.job_id = @job
),
bound as materialized (
    select case when j.status in ('pending', 'processing', 'paused') then (select min(p.next) from places p) end as before,
           least(@after, (select min(p.since) - 1 from places p)) as after,
           case when j.status = 'failed' then (select array_agg(p.cursor order by p.lane) from places p) end as cursors
    from jobs j where j.account_id = @account and j.id = @job
)
select b.cursors, f.target_index, f.record_id, f.external_id, f.code, f.message
from bound b
left join lateral (
    select f.target_index, f.record_id, f.external_id, f.code, f.message from target_failures f
    where f.account_id = @account and f.job_id = @job and f.target_index > b.after and (b.before is null or f.target_index < b.before)
    order by f.target_index
    limit @limit) f on true
order by f.target_index;
