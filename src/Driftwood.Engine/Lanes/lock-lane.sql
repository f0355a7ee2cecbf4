-- First statement of a chunk's transaction. No row means that another worker has the lane: the chunk must not be applied.
select 1
from lanes
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and cursor = @cursor and status = 'running'
for update;
