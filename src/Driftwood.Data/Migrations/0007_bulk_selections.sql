-- Bulk jobs select by ids, external ids, filter or query, as it was given. What is no list of ids becomes targets in the
-- job's first step, which is still to be taken while to_freeze holds.
alter table bulk_jobs alter column entity_ids drop not null;
alter table bulk_jobs
    add column external_ids   text[],
    add column filter         json, -- not jsonb, which would put its members in another order
    add column query          text,
    add column expected_count bigint check (expected_count >= 0),
    add column to_freeze      boolean not null default false,
    add check (num_nonnulls(entity_ids, external_ids, filter, query) <= 1);

-- A target named by its external ID may be no record's.
alter table bulk_targets alter column record_id drop not null;
alter table bulk_targets
    add column external_id text,
    add check (num_nonnulls(record_id, external_id) > 0);
alter table target_failures add column external_id text;
