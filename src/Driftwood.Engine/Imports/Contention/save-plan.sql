-- The result of the scan for contested keys, stored once per job. Lanes wait only until it exists. If another worker stored a plan
-- while this one claimed the lane, that plan stays, because lanes already use it.
insert into lane_plans (account_id, job_id, fields, contested)
values (@account, @job, @fields, @contested)
on conflict do nothing;
