-- Last statement of a chunk's transaction: the cursor moves and the counters grow together with the data. lock-lane has locked the
-- lane's row. Retries start again, as there was progress. Attempts start again once the lane is past the rows that a worker may
-- have died of.
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
