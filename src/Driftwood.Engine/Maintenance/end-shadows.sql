-- Only where nothing is left: what another node is just removing still counts, should it not come to its end.
update jobs
set shadows = 'gone'
where account_id = @account and id = @job and shadows = 'leaving'
  and not exists (select 1 from shadow_keys k where k.account_id = @account and k.job_id = @job)
  and not exists (select 1 from shadow_records r where r.account_id = @account and r.job_id = @job);
