-- First statement of a chunk's transaction. No row: the lane is another worker's by now, and the chunk must not be applied.
select 1
from lanes
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and cursor = @cursor and status = 'running'
for update;
