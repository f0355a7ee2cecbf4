-- The result of the scan for contested keys. Once a job: lanes wait for it only until it stands. A plan that another worker
-- saved while this one claimed the lane stays, as lanes go by it already.
insert into lane_plans (account_id, job_id, fields, contested)
values (@account, @job, @fields, @contested)
on conflict do nothing;
