-- Reads what changed in some records from the change log of some chunks of a job. A null detail says that nothing changed.
select c.lane, c.cursor, u.record_id, u.row_number, c.record_type, u.detail
from unnest(@lanes, @cursors) as k (lane, cursor)
cross join lateral (
    select * from changes c
    where c.account_id = @account and c.job_id = @job and c.lane = k.lane and c.cursor = k.cursor
      and (c.effect = 'unchanged' or (c.effect in ('updated', 'would_update') and c.details is not null))) c
cross join lateral unnest(c.record_ids, c.row_numbers, string_to_array(c.details, E'\n')) as u (record_id, row_number, detail)
where u.record_id = any (@records);
