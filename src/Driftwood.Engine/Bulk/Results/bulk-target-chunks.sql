-- The lane and the chunk of some targets of a job. A chunk's rows of the change log have the lane's cursor before the chunk, which is the
-- greatest one before the target's position. An undo takes a run of its targets back at a time.
select u.target_index, u.record_id, l.lane, c.cursor
from lanes l
join bulk_target_runs t on t.account_id = @account and t.job_id = @job and t.lane = l.lane
                       and t.first_index <= @last and t.last_index >= @first
cross join unnest(t.target_indexes, t.record_ids) with ordinality as u (target_index, record_id, place)
cross join lateral (
    select c.cursor from changes c
    where c.account_id = @account and c.job_id = @job and c.lane = l.lane and c.cursor < t.first + u.place - 1
      and (t.effect is null or c.cursor >= t.first - 1)
    order by c.cursor desc limit 1) c
where l.account_id = @account and l.job_id = @job and u.target_index = any (@indexes);
