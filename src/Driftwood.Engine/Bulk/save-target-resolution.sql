-- Runs in the transaction that stores the targets. The job's total is now exact, and the targets are never resolved again.
with counted as (
    update jobs set total_count = @targets, updated_at = statement_timestamp() where account_id = @account and id = @job
)
update bulk_jobs set to_freeze = false where account_id = @account and id = @job;
