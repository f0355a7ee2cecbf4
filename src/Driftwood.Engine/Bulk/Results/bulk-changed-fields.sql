-- The details of the change log for some targets of a job. A chunk's rows of the log have the lane's cursor before the chunk, which is the
-- greatest one before the target's position.
with targets as materialized (
    select l.lane, t.first + u.place - 1 as position, u.target_index, u.record_id
    from lanes l
    join bulk_target_runs t on t.account_id = @account and t.job_id = @job and t.lane = l.lane
                           and t.first_index <= @last and t.last_index >= @first
    cross join unnest(t.target_indexes, t.record_ids) with ordinality as u (target_index, record_id, place)
    where l.account_id = @account and l.job_id = @job and u.target_index = any (@indexes)
),
placed as materialized (
    select t.*, c.cursor
    from targets t
    cross join lateral (
        select c.cursor from changes c
        where c.account_id = @account and c.job_id = @job and c.lane = t.lane and c.cursor < t.position
        order by c.cursor desc limit 1) c
),
logged as materialized (
    select c.lane, c.cursor, c.record_type, u.record_id, u.row_number, u.detail
    from (select distinct lane, cursor from placed) k
    join changes c on c.account_id = @account and c.job_id = @job and c.lane = k.lane and c.cursor = k.cursor
    cross join lateral unnest(c.record_ids, c.row_numbers, string_to_array(c.details, E'\n')) as u (record_id, row_number, detail)
    where c.effect = 'updated' and c.details is not null
)
select p.target_index, l.record_type, l.detail
from placed p
join logged l on l.lane = p.lane and l.cursor = p.cursor and l.record_id = p.record_id
             and (l.row_number is null or l.row_number = p.target_index);
