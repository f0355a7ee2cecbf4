-- As remove-shadow-keys does.
delete from shadow_records
where ctid = any (array(
    select ctid from shadow_records where account_id = @account and job_id = @job order by id limit @limit));
