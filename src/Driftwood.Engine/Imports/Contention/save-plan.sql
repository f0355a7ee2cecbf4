-- The result of the contested-key scan, saved once per job. A plan that another worker saved while this one claimed the lane
-- stays, as lanes follow it already.
insert into lane_plans (account_id, job_id, fields, contested)
values (@account, @job, @fields, @contested)
on conflict do nothing;
