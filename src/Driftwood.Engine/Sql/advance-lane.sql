-- Last statement of a chunk's transaction: the cursor moves and the counters grow together with the data.
-- The lane's row is locked by lock-lane; attempts and retries start again, as there was progress.
update lanes
set cursor = @end,
    processed = processed + @created + @updated + @deleted + @skipped + @failed,
    created = created + @created,
    updated = updated + @updated,
    deleted = deleted + @deleted,
    skipped = skipped + @skipped,
    failed = failed + @failed,
    warned = warned + @warned,
    attempts = 1,
    retries = 0,
    leased_until = clock_timestamp() + @lease,
    updated_at = clock_timestamp()
where account_id = @account and job_id = @job and lane = @lane;
