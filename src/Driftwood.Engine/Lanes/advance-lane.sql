-- Last statement of a chunk's transaction: moves the cursor and increases the counters together with the data. lock-lane has locked
-- the lane's row. Retries restart at 0, because there was progress. Attempts restart only after the lane is past the rows that may
-- have killed a worker.
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
    leased_until = statement_timestamp() + @lease,
    updated_at = statement_timestamp()
where account_id = @account and job_id = @job and lane = @lane;
