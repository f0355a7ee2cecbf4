-- Rows that were applied, but not in all that they asked for. Written and counted in the chunk's transaction, as failed
-- rows are; no foreign key, for the reasons of 0003.
create table row_warnings (
    account_id  uuid not null,
    job_id      uuid not null,
    row_number  bigint not null check (row_number > 0),
    line_number bigint not null check (line_number > 0),
    column_name text not null,
    field       text not null,
    code        text not null,
    message     text not null,
    value       text not null,
    primary key (account_id, job_id, row_number)
);

-- Warned rows are among those created or updated: they are no outcome of their own.
alter table lanes add column warned bigint not null default 0 check (warned >= 0);
