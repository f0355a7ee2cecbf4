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

-- An item becomes a target when it is dealt with: one that failed may name no record.
alter table bulk_targets drop constraint bulk_targets_check;
