-- The future unique values of a field. The table is dropped with the transaction, which may make one field unique.
create temp table unique_candidates (
    record_id uuid not null,
    key       text collate "C" not null,
    value     text not null
) on commit drop
