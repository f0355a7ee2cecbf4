-- What the planning pass found. Once a job: lanes wait for it only until it stands.
insert into lane_plans (account_id, job_id, fields, contested)
values (@account, @job, @fields, @contested);
