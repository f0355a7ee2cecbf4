-- Only where nothing is left. Rows that another node is removing still count, since it may not finish.
update jobs
set dry_run_state = 'removed'
where account_id = @account and id = @job and dry_run_state = 'removing'
  and not exists (select 1 from dry_run_keys k where k.account_id = @account and k.job_id = @job)
  and not exists (select 1 from dry_run_records r where r.account_id = @account and r.job_id = @job);
