-- A bulk job's targets, a run of them in one row: a row each cost five seconds and 240 MB a million, arrays a tenth of that.
-- Invariants: positions in a lane are 1, 2, 3 … without a gap, in the order of the targets' indexes; no run is longer than
-- the 2,000 that readers look back for.
create table bulk_target_runs (
    account_id     uuid not null,
    job_id         uuid not null,
    lane           integer not null,
    first          bigint not null check (first > 0),
    target_indexes bigint[] not null,
    record_ids     uuid[] not null,
    external_ids   text[],
    first_index    bigint not null generated always as (target_indexes[1]) stored,
    last_index     bigint not null generated always as (target_indexes[cardinality(target_indexes)]) stored,
    primary key (account_id, job_id, lane, first),
    check (cardinality(record_ids) between 1 and 2000),
    check (cardinality(target_indexes) = cardinality(record_ids)),
    check (external_ids is null or cardinality(external_ids) = cardinality(record_ids))
);

-- Identifiers do not compress, and are not worth the try.
alter table bulk_target_runs alter column target_indexes set storage external;
alter table bulk_target_runs alter column record_ids set storage external;

insert into bulk_target_runs (account_id, job_id, lane, first, target_indexes, record_ids, external_ids)
select account_id, job_id, lane, min(position), array_agg(target_index order by position), array_agg(record_id order by position),
       case when count(external_id) > 0 then array_agg(external_id order by position) end
from bulk_targets
group by account_id, job_id, lane, (position - 1) / 2000;

drop table bulk_targets;

-- A row a target, for people and tests.
create view bulk_targets as
select r.account_id, r.job_id, r.lane, r.first + u.place - 1 as position, u.target_index, u.record_id, u.external_id
from bulk_target_runs r
cross join unnest(r.target_indexes, r.record_ids, r.external_ids) with ordinality as u (target_index, record_id, external_id, place);

-- For what is taken out after a while: ended jobs, and files that no upload names.
create index jobs_ended on jobs (updated_at) where status in ('completed', 'failed', 'cancelled', 'expired');
create index uploads_storage_key on uploads (storage_key) where storage_key is not null;
