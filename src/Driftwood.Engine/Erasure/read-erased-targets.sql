-- The records of a chunk of targets, and the targets' places in the caller's list.
select coalesce(array_agg(u.record_id), '{}'), coalesce(array_agg(u.target_index), '{}')
from bulk_target_runs t
cross join unnest(t.target_indexes, t.record_ids) with ordinality as u (target_index, record_id, place)
where t.account_id = @account and t.job_id = @job and t.lane = @lane
  and t.first + u.place - 1 > @from and t.first + u.place - 1 <= @to;
