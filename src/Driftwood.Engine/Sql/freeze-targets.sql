-- A job's targets as the caller named them. Invariant: positions of a lane are 1, 2, 3 … without a gap, as its cursor counts them.
insert into bulk_targets (account_id, job_id, lane, position, target_index, record_id)
select @account, @job, t.lane, t.position, t.target_index, t.record_id
from unnest(@lanes, @positions, @indexes, @records) as t(lane, position, target_index, record_id);
