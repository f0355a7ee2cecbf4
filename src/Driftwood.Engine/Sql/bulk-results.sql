-- Targets of a job that are dealt with, by their index, behind a place in each lane: in a lane, positions are in the order of
-- the indexes. While the job may go on, only those before the first that is not dealt with, in whatever lane: what is
-- dealt with later then never belongs on a page that was read before.
with places as materialized (
    select l.lane, l.cursor, coalesce(a.position, 0) as after,
           (select t.target_index from bulk_targets t
            where t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane and t.position > l.cursor
            order by t.position limit 1) as next
    from lanes l
    left join unnest(@positions) with ordinality as a(position, place) on a.place = l.lane + 1
    where l.account_id = @account and l.job_id = @job
),
bound as materialized (
    select case when j.status in ('pending', 'processing', 'paused') then (select min(p.next) from places p) end as before
    from jobs j where j.account_id = @account and j.id = @job
)
select d.lane, d.position, d.target_index, d.record_id, d.external_id, f.code, f.message
from places p
cross join bound b
cross join lateral (
    select t.lane, t.position, t.target_index, t.record_id, t.external_id from bulk_targets t
    where t.account_id = @account and t.job_id = @job and t.lane = p.lane and t.position > p.after and t.position <= p.cursor
      and (b.before is null or t.target_index < b.before)
      and (not @succeeded or not exists (
          select 1 from target_failures f where f.account_id = t.account_id and f.job_id = t.job_id and f.target_index = t.target_index))
    order by t.position
    limit @limit) d
left join target_failures f on f.account_id = @account and f.job_id = @job and f.target_index = d.target_index
order by d.target_index
limit @limit;
