-- Imports whose rows may contend for unique values run in lanes once it is known which do: lane 0's worker reads the file
-- first, and the other lanes wait. They are nobody's to claim meanwhile, and ended as far as settling the job goes.
alter table lanes drop constraint lanes_status_check;
alter table lanes add constraint lanes_status_check check (status in ('waiting', 'ready', 'running', 'completed', 'failed', 'stopped'));

-- Written in the transaction that opens the lanes, read whenever one of them is claimed.
create table lane_plans (
    account_id uuid not null,
    job_id     uuid not null,
    fields     text[] not null, -- the unique fields whose values were compared: keys, for custom fields ids
    contested  bigint[], -- hashes of match keys, ascending; null: lane 0 takes all rows
    primary key (account_id, job_id),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);
