-- After a passing fault: the lane stays leased, but to nobody, until @delay is over. The attempt is not counted, since only
-- attempts whose worker died make chunks smaller and rows suspect. It counts as a retry, unless the fault has nothing to do with
-- the chunk (no disk, no memory, too many connections) and @counts is false.
update lanes
set owner = null,
    attempts = greatest(attempts - 1, 0),
    retries = retries + case when @counts then 1 else 0 end,
    leased_until = clock_timestamp() + @delay,
    updated_at = clock_timestamp()
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running';
