-- Last statement of a chunk's transaction: the cursor moves and the counters grow together with the data.
-- The lane's row is locked by lock-lane; attempts and retries start again, as there was
-- progress; attempts only once the lane is past the rows among which is what a worker may have died of.
update lanes
set cursor = @end,
    processed = processed + @created + @updated + @deleted + @skipped + @failed,
    created = created + @created,
    updated = updated + @updated,
    deleted = deleted + @deleted,
    skipped = skipped + @skipped,
    failed = failed + @failed,
    warned = warned + @warned,
    attempts = case when @keeps_attempts then attempts else 1 end,
    retries = 0,
    leased_until = clock_timestamp() + @lease,
    updated_at = clock_timestamp()
where account_id = @account and job_id = @job and lane = @lane;
