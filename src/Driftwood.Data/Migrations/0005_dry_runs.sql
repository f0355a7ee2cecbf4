-- What a dry run of an import keeps between its chunks, in place of records: as much as may decide what becomes of a later
-- row. Written in the chunk's transaction by the job's lanes; removed once the job has ended. No foreign keys, for the
-- reasons of 0003.

-- The match keys and unique values of the records that the run would have made or changed, as they would be by now. field is
-- a built-in field's key, a custom field's id, or what companies are found by.
create table shadow_keys (
    account_id uuid not null,
    job_id     uuid not null,
    field      text collate "C" not null,
    key        text collate "C" not null,
    record_id  uuid not null,
    primary key (account_id, job_id, field, key, record_id)
);
-- Not by account and job: a planner that knows nothing of the table yet takes an index that begins like the primary key for as
-- good, and then reads all keys of the run for each that it looks up.
create index shadow_keys_record on shadow_keys (record_id);

-- The records that it would have changed, whose stored keys count no more. tag_keys as they would be by now, where rows add
-- to a record's tags; then those it would have made are here too.
create table shadow_records (
    account_id uuid not null,
    job_id     uuid not null,
    id         uuid not null,
    tag_keys   text[] collate "C" not null,
    primary key (account_id, job_id, id)
);

-- Of a dry run: kept while it may go on; leaving from when it may not, until they are gone. Null for all other jobs.
alter table jobs add column shadows text check (shadows in ('kept', 'leaving', 'gone'));
create index jobs_shadows on jobs (id) where shadows in ('kept', 'leaving');
