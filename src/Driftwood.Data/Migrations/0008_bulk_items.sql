-- What callers give with a bulk job, one object a record: as it was written (json, not jsonb, which would write numbers out
-- that have no end), a row each, so that a job's items are never in memory all at once.
create table bulk_items (
    account_id uuid not null,
    job_id     uuid not null,
    item_index bigint not null check (item_index >= 0),
    item       json not null,
    primary key (account_id, job_id, item_index),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

-- A job with items has no ids. An item becomes a target when it is dealt with, and one that failed may name no record.
alter table bulk_jobs alter column entity_ids drop not null;
alter table bulk_targets alter column record_id drop not null;
alter table bulk_targets add column if not exists external_id text;
alter table bulk_targets drop constraint if exists bulk_targets_check;
alter table target_failures add column if not exists external_id text;
