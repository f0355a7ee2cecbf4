-- Runs after a temporary fault: the lane stays leased, but to nobody, until @delay is over. It does not count as an attempt, because
-- only attempts whose worker died make chunks smaller and rows suspect. It counts as a retry, unless @counts is false: then the
-- fault has nothing to do with the chunk (no disk, no memory, too many connections).
update lanes
set owner = null,
    attempts = greatest(attempts - 1, 0),
    retries = retries + case when @counts then 1 else 0 end,
    leased_until = statement_timestamp() + @delay,
    updated_at = statement_timestamp()
where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running';
