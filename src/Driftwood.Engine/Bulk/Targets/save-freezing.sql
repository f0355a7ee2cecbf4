-- With the targets, in their transaction: the job's total is exact, and nobody is to find them again.
with counted as (
    update jobs set total_count = @targets, updated_at = clock_timestamp() where account_id = @account and id = @job
)
update bulk_jobs set to_freeze = false where account_id = @account and id = @job;
