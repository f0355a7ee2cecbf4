-- What the planning pass found. Once a job: lanes wait for it only until it stands. One that another worker saved while this
-- one claimed the lane stays, as lanes go by it already.
insert into lane_plans (account_id, job_id, fields, contested)
values (@account, @job, @fields, @contested)
on conflict do nothing;
