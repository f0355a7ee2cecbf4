-- Ends a preparation. Waiting lanes before @used become ready; the other waiting lanes have no work and are completed. Lane 0, whose
-- worker prepared the job, is handed back. There was progress, so its attempts restart. Returns the lanes to wake.
with opened as (
    update lanes
    set status = case when lane < @used then 'ready' else 'completed' end,
        owner = null,
        attempts = 0,
        retries = 0,
        leased_until = null,
        updated_at = statement_timestamp()
    where account_id = @account and job_id = @job and (status = 'waiting' or (status = 'running' and lane = 0))
    returning lane, status
)
select lane from opened where status = 'ready' order by lane;
