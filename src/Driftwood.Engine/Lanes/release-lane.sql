-- Ends a worker's hold on a lane. @status ready hands the lane back, which does not count as an attempt. stopped, completed and failed
-- are final until a caller resumes the job. Nothing happens when another worker has the lane.
update lanes
set status = @status,
    owner = null,
    attempts = case when @status = 'ready' then greatest(attempts - 1, 0) else attempts end,
    leased_until = null,
    updated_at = statement_timestamp()
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running';
