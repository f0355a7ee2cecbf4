-- Works like remove-dry-run-keys.
delete from dry_run_records
where ctid = any (array(
    select ctid from dry_run_records where account_id = @account and job_id = @job order by id limit @limit));
