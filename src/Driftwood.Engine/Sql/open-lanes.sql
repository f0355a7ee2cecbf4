-- With the plan: the lanes that waited for it are ready, or with @together completed, as nothing is left to them. Lane 0, whose
-- worker made the plan, is handed back; there was progress, so its attempts begin anew. Answers the lanes to wake.
with opened as (
    update lanes
    set status = case when @together and lane <> @lane then 'completed' else 'ready' end,
        owner = null,
        attempts = 0,
        retries = 0,
        leased_until = null,
        updated_at = clock_timestamp()
    where account_id = @account and job_id = @job and (status = 'waiting' or lane = @lane)
    returning lane, status
)
select lane from opened where status = 'ready' order by lane;
