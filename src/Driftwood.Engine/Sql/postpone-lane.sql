-- After a passing fault: the lane stays leased, but to nobody, until @delay is over. @counts false takes the attempt
-- back, for faults that are not the chunk's (no disk, no memory, too many connections).
update lanes
set owner = null,
    attempts = case when @counts then attempts else greatest(attempts - 1, 0) end,
    leased_until = clock_timestamp() + @delay,
    updated_at = clock_timestamp()
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running';
