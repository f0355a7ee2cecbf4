-- Targets of a job that are dealt with, by their index, behind a place in each lane: in a lane, positions are 1, 2, 3 … in the
-- order of the indexes. Of each lane @most targets are looked at, however few of them are asked for; the answer ends before the
-- first that was not looked at, in whatever lane. While the job runs it ends before the first that is not dealt with, too: what
-- is dealt with later then never belongs on a page that was read before. "reached" is the place behind all that was looked at, null
-- where there is no more for now; with nothing to list it stands alone.
with places as materialized (
    select l.lane, l.cursor, p.after, p.upto, n.target_index as next
    from jobs j
    join lanes l on l.account_id = j.account_id and l.job_id = j.id
    left join unnest(@positions) with ordinality as a(position, place) on a.place = l.lane + 1
    cross join lateral (select coalesce(a.position, 0) as after, least(l.cursor, coalesce(a.position, 0) + @most) as upto) p
    left join lateral (
        select t.target_index from bulk_targets t
        where t.account_id = l.account_id and t.job_id = l.job_id and t.lane = l.lane and t.position > p.upto
          and (p.upto < l.cursor or j.status in ('pending', 'processing', 'paused'))
        order by t.position limit 1) n on true
    where j.account_id = @account and j.id = @job
),
bound as materialized (
    select p.next as before, p.upto < p.cursor as has_more from places p where p.next is not null order by p.next limit 1
),
reached as materialized (
    select array_agg(coalesce(r.position, p.after) order by p.lane) as positions
    from bound b
    cross join places p
    left join lateral (
        select t.position from bulk_targets t
        where t.account_id = @account and t.job_id = @job and t.lane = p.lane and t.position > p.after and t.position <= p.upto
          and t.target_index < b.before
        order by t.position desc limit 1) r on true
    where b.has_more
)
select c.positions, d.lane, d.position, d.target_index, d.record_id, d.external_id, d.code, d.message
from (select (select r.positions from reached r) as positions, (select b.before from bound b) as before) c
left join lateral (
    select o.* from places p
    cross join lateral (
        select t.lane, t.position, t.target_index, t.record_id, t.external_id, f.code, f.message
        from bulk_targets t
        -- One look into the index for each, whatever is known of how many failures there are.
        left join lateral (
            select f.code, f.message from target_failures f
            where f.account_id = t.account_id and f.job_id = t.job_id and f.target_index = t.target_index limit 1) f on true
        where t.account_id = @account and t.job_id = @job and t.lane = p.lane and t.position > p.after and t.position <= p.upto
          and (c.before is null or t.target_index < c.before)
          and (not @succeeded or f.code is null)
        order by t.position
        limit @limit) o
    order by o.target_index
    limit @limit) d on true
order by d.target_index;
