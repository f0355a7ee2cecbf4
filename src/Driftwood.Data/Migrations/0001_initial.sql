-- The whole schema. This SQL is the source; the EF model only maps it, and a test compares the two.
--
-- Four rules hold throughout:
-- * Every table of the data plane starts its primary key and each unique index with account_id. The database thereby
--   enforces tenant isolation, and the schema can be distributed by account_id without a change.
-- * Match keys (…_key, tag_keys) are computed by one .NET function and only stored here, in collation "C".
-- * Tables that a job writes many rows to have no foreign key to accounts or jobs. A foreign key costs a look-up and a
--   lock of the same row for every row written: the one to accounts cost 28 % of an insert of contacts, and several lanes
--   queued for one tuple. The rule holds without it: a caller's token belongs to the account; a chunk has locked its
--   lane, whose job belongs to the account; accounts and jobs with rows are never deleted.
-- * Filters and items are kept as the caller wrote them, so they are json: jsonb changes the order of members and writes
--   huge numbers out.

-- ---- Accounts and their people ----

create table accounts (
    id          uuid primary key,
    name        text not null check (length(name) between 1 and 200),
    created_at  timestamptz not null default now(),
    disabled_at timestamptz,
    -- ISO 3166. Imports that give no country read phone numbers without a country code with it.
    phone_country text check (phone_country ~ '^[A-Z]{2}$')
);

create table users (
    account_id uuid not null references accounts (id) on delete cascade,
    id         uuid not null,
    name       text not null check (length(name) between 1 and 200),
    email      text not null check (length(email) between 3 and 320),
    created_at timestamptz not null default now(),
    primary key (account_id, id)
);
create unique index users_email on users (account_id, lower(email));

-- The secret itself is never stored. It is 256 random bits and needs no salt, so its SHA-256 is looked up directly.
create table tokens (
    account_id    uuid not null,
    id            uuid not null,
    user_id       uuid not null,
    name          text not null check (length(name) between 1 and 200),
    scopes        text[] not null,
    secret_sha256 bytea not null check (octet_length(secret_sha256) = 32),
    created_at    timestamptz not null default now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz,
    primary key (account_id, id),
    foreign key (account_id, user_id) references users (account_id, id) on delete cascade
);
create unique index tokens_secret on tokens (secret_sha256);

-- The response of a create that succeeded, stored in the transaction that created the resource.
create table idempotency_keys (
    account_id     uuid not null references accounts (id) on delete cascade,
    key            text not null check (length(key) between 1 and 255),
    route          text not null,
    request_sha256 bytea not null check (octet_length(request_sha256) = 32),
    response       bytea not null,
    created_at     timestamptz not null default now(),
    primary key (account_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- ---- Record types and custom fields ----

-- One row for each custom type of an account, and for each built-in type that has, or ever had, custom fields there.
-- version changes whenever anything about the type's fields does and is never used again, so whoever read a type can
-- tell whether it is current. Writers of records check it under a shared advisory lock; changes take an exclusive one.
create sequence record_schema_versions;

create table record_schemas (
    account_id  uuid not null references accounts (id) on delete cascade,
    record_type text not null,
    version     bigint not null default nextval('record_schema_versions'),
    next_slot   integer not null default 1 check (next_slot > 0),
    primary key (account_id, record_type)
);

-- The types that users define. Their records are in custom_records.
create table record_types (
    account_id         uuid not null references accounts (id) on delete cascade,
    id                 uuid not null,
    key                text not null check (key ~ '^[a-z][a-z0-9_]{0,62}$'),
    name               text not null check (length(name) between 1 and 200),
    name_is_unique     boolean not null,
    name_is_autonumber boolean not null,
    autonumber_pattern text,
    next_number        bigint not null default 1 check (next_number > 0),
    created_at         timestamptz not null,
    created_by         uuid not null,
    updated_at         timestamptz not null,
    updated_by         uuid not null,
    primary key (account_id, id),
    check (name_is_autonumber = (autonumber_pattern is not null))
);
create unique index record_types_key on record_types (account_id, key);

-- A record's custom object holds the values of a custom field under the field's slot. No other field of the type ever
-- gets that slot: a new field with a deleted field's key does not inherit its values. The row of a deleted field stays
-- until a maintenance job has removed its values.
create table fields (
    account_id  uuid not null,
    id          uuid not null,
    record_type text not null,
    slot        integer not null check (slot > 0),
    key         text not null check (key ~ '^[a-z_][a-z0-9_]{0,62}$'),
    label       text not null check (length(label) between 1 and 200),
    kind        text not null
        check (kind in ('text', 'integer', 'decimal', 'boolean', 'date', 'datetime', 'url', 'email', 'phone', 'choice', 'tags')),
    required    boolean not null,
    is_unique   boolean not null,
    options     text[] not null default '{}',
    created_at  timestamptz not null,
    created_by  uuid not null,
    updated_at  timestamptz not null,
    updated_by  uuid not null,
    deleted_at  timestamptz,
    primary key (account_id, id),
    foreign key (account_id, record_type) references record_schemas (account_id, record_type) on delete cascade,
    check (cardinality(options) = 0 or kind = 'choice'),
    check (not is_unique or kind not in ('boolean', 'tags'))
);
create unique index fields_key on fields (account_id, record_type, key) where deleted_at is null;
create unique index fields_slot on fields (account_id, record_type, slot);

-- ---- Records ----

-- Comparing without case must not depend on the locale that the server was set up with.
do $$
begin
    if exists (select 1 from pg_collation where collname = 'und-x-icu') then
        execute 'create collation caseless from "und-x-icu"';
    else
        execute 'create collation caseless from "C"';
    end if;
end
$$;

create table companies (
    account_id      uuid not null,
    id              uuid not null,
    external_id     text,
    external_id_key text collate "C",
    name            text not null,
    name_key        text collate "C" not null,
    domain          text,
    domain_key      text collate "C",
    website         text,
    phone           text,
    industry        text,
    employee_count  bigint,
    annual_revenue  numeric,
    address         text,
    city            text,
    state           text,
    postal_code     text,
    country         text,
    description     text,
    custom          jsonb not null default '{}',
    tags            text[] not null default '{}',
    tag_keys        text[] collate "C" not null default '{}',
    created_at      timestamptz not null,
    created_by      uuid not null,
    updated_at      timestamptz not null,
    updated_by      uuid not null,
    primary key (account_id, id),
    check (cardinality(tags) = cardinality(tag_keys))
) with (fillfactor = 90);
create unique index companies_external_id on companies (account_id, external_id_key) where external_id_key is not null;
create unique index companies_domain on companies (account_id, domain_key) where domain_key is not null;
-- name_key is never null. The condition keeps the index from statements that name the account and an id, such as the checks of foreign
-- keys: a planner that believes the table empty would read all companies of the account for each id.
create index companies_name on companies (account_id, name_key) where name_key is not null;
create index companies_created on companies (account_id, created_at, id);
create index companies_tags on companies using gin (tag_keys) where tag_keys <> '{}';

create table sources (
    account_id      uuid not null,
    id              uuid not null,
    external_id     text,
    external_id_key text collate "C",
    name            text not null,
    name_key        text collate "C" not null,
    kind            text,
    url             text,
    description     text,
    custom          jsonb not null default '{}',
    tags            text[] not null default '{}',
    tag_keys        text[] collate "C" not null default '{}',
    created_at      timestamptz not null,
    created_by      uuid not null,
    updated_at      timestamptz not null,
    updated_by      uuid not null,
    primary key (account_id, id),
    check (cardinality(tags) = cardinality(tag_keys))
) with (fillfactor = 90);
create unique index sources_external_id on sources (account_id, external_id_key) where external_id_key is not null;
create unique index sources_name on sources (account_id, name_key) where name_key is not null; -- see companies_name
create index sources_created on sources (account_id, created_at, id);
create index sources_tags on sources using gin (tag_keys) where tag_keys <> '{}';

create table contacts (
    account_id      uuid not null,
    id              uuid not null,
    external_id     text,
    external_id_key text collate "C",
    first_name      text,
    last_name       text,
    email           text,
    email_key       text collate "C",
    phone           text,
    phone_key       text collate "C",
    job_title       text,
    company_name    text,
    company_id      uuid,
    source_id       uuid,
    website         text,
    linkedin_url    text,
    address         text,
    city            text,
    state           text,
    postal_code     text,
    country         text,
    birthday        date,
    description     text,
    custom          jsonb not null default '{}',
    tags            text[] not null default '{}',
    tag_keys        text[] collate "C" not null default '{}',
    created_at      timestamptz not null,
    created_by      uuid not null,
    updated_at      timestamptz not null,
    updated_by      uuid not null,
    primary key (account_id, id),
    check (cardinality(tags) = cardinality(tag_keys)),
    check (email_key is not null or phone_key is not null or external_id_key is not null
           or first_name is not null or last_name is not null),
    foreign key (account_id, company_id) references companies (account_id, id) on delete set null (company_id),
    foreign key (account_id, source_id) references sources (account_id, id) on delete set null (source_id)
) with (fillfactor = 90);
create unique index contacts_external_id on contacts (account_id, external_id_key) where external_id_key is not null;
create unique index contacts_email on contacts (account_id, email_key) where email_key is not null;
create index contacts_phone on contacts (account_id, phone_key) where phone_key is not null;
create index contacts_company on contacts (account_id, company_id) where company_id is not null;
create index contacts_source on contacts (account_id, source_id) where source_id is not null;
create index contacts_created on contacts (account_id, created_at, id);
create index contacts_tags on contacts using gin (tag_keys) where tag_keys <> '{}';

-- The records of custom types. A type is deleted only when it has no records, under a lock that keeps writers of its
-- records out, so no foreign key to record_types is needed.
create table custom_records (
    account_id      uuid not null,
    type_id         uuid not null,
    id              uuid not null,
    external_id     text,
    external_id_key text collate "C",
    name            text not null,
    name_key        text collate "C" not null,
    custom          jsonb not null default '{}',
    tags            text[] not null default '{}',
    tag_keys        text[] collate "C" not null default '{}',
    created_at      timestamptz not null,
    created_by      uuid not null,
    updated_at      timestamptz not null,
    updated_by      uuid not null,
    primary key (account_id, type_id, id),
    check (cardinality(tags) = cardinality(tag_keys))
) with (fillfactor = 90);
create unique index custom_records_external_id on custom_records (account_id, type_id, external_id_key)
    where external_id_key is not null;
create index custom_records_name on custom_records (account_id, type_id, name_key) where name_key is not null; -- see companies_name
create index custom_records_created on custom_records (account_id, type_id, created_at, id);
create index custom_records_tags on custom_records using gin (tag_keys) where tag_keys <> '{}';

-- Values that are unique because users chose so: those of unique custom fields, and the names of custom types with
-- unique names (field_id is then the type's id). Written in the transaction that writes the record.
create table unique_values (
    account_id uuid not null,
    field_id   uuid not null,
    key        text collate "C" not null,
    record_id  uuid not null,
    primary key (account_id, field_id, key)
);
create index unique_values_record on unique_values (account_id, record_id);

-- ---- Uploads and jobs ----

-- A file that a signed URL was given out for. storage_key names a stored object that is never written again: a second
-- PUT stores a new object and replaces the key. Once frozen_at is set, the key only changes to that of a table made of the same file.
create table uploads (
    account_id   uuid not null references accounts (id) on delete cascade,
    id           uuid not null,
    file_name    text not null check (length(file_name) between 1 and 255),
    content_type text not null check (length(content_type) between 1 and 255),
    max_bytes    bigint not null check (max_bytes > 0),
    token_id     uuid, -- of the token that requested it: the signed URL works no longer than the token
    storage_key  text,
    original_key text, -- of the workbook, where storage_key names the table that was made of it; removed after a confirm
    table_length bigint, -- of that table; byte_length and sha256 are those of the file that was uploaded
    byte_length  bigint,
    sha256       bytea check (octet_length(sha256) = 32),
    created_at   timestamptz not null default now(),
    expires_at   timestamptz not null,
    stored_at    timestamptz,
    frozen_at    timestamptz,
    primary key (account_id, id),
    check ((storage_key is null) = (stored_at is null)),
    check ((storage_key is null) = (byte_length is null)),
    check ((storage_key is null) = (sha256 is null)),
    check (frozen_at is null or storage_key is not null)
);
create index uploads_storage_key on uploads (storage_key) where storage_key is not null; -- finds files that no upload names
create index uploads_original_key on uploads (original_key) where original_key is not null; -- the same

-- The part that all kinds of job have in common. Chunks never lock this row: a caller's request to pause or cancel is
-- written to control at any time and read between chunks. Counters are the sums over lanes. Maintenance jobs are
-- Driftwood's own and not listed.
-- dry_run_state is null except for dry runs. What a dry run stores between its chunks (dry_run_keys, dry_run_records) is
-- kept while the run may go on; after that it is removing, and in the end removed.
create table jobs (
    account_id    uuid not null references accounts (id) on delete cascade,
    id            uuid not null,
    kind          text not null check (kind in ('import', 'bulk', 'maintenance')),
    record_type   text not null,
    name          text,
    status        text not null
        check (status in ('pending', 'uploaded', 'processing', 'paused', 'completed', 'failed', 'cancelled', 'expired')),
    control       text check (control in ('pause', 'cancel')),
    dry_run_state text check (dry_run_state in ('kept', 'removing', 'removed')),
    keep_changes  boolean not null default true, -- the change log has what records held before
    total_count   bigint not null default 0 check (total_count >= 0),
    error_message text,
    trace_parent  text, -- of the request that let the job run (W3C); its lanes go on with that trace
    created_by    uuid not null,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    started_at    timestamptz,
    completed_at  timestamptz,
    primary key (account_id, id),
    foreign key (account_id, created_by) references users (account_id, id),
    check (kind = 'import' or status not in ('uploaded', 'expired')),
    check (status <> 'completed' or (started_at is not null and completed_at is not null)),
    check (status <> 'failed' or error_message is not null)
);
create index jobs_list on jobs (account_id, kind, id) where kind is not null; -- see companies_name
create index jobs_unfinished on jobs (account_id, kind) where status in ('pending', 'uploaded', 'processing', 'paused');
create index jobs_processing on jobs (id) where status = 'processing'; -- the sweeper's
create index jobs_ended on jobs (updated_at) where status in ('completed', 'failed', 'cancelled', 'expired'); -- retention's
create index jobs_dry_run_state on jobs (id) where dry_run_state in ('kept', 'removing'); -- the clean-up's

create table imports (
    account_id    uuid not null,
    id            uuid not null,
    upload_id     uuid not null,
    source_job_id uuid, -- the import whose file this one reads again after a dry run
    retry_of      uuid, -- the import whose failed rows this one tries again; it may be gone
    format        jsonb, -- encoding, delimiter, header…: as detected or overridden when the upload was completed
    headers       text[],
    confirmation  jsonb, -- the request of imports-confirm, with its defaults filled in
    settings      jsonb, -- the same without defaults, as they were given or come from a profile
    profile_id      uuid, -- the profile, which may be gone
    profile_version integer,
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade,
    foreign key (account_id, upload_id) references uploads (account_id, id)
);
create index imports_upload on imports (account_id, upload_id);
create index imports_id on imports (id); -- a signed URL names only the import
create index imports_retry_of on imports (account_id, retry_of) where retry_of is not null;

-- Settings of imports under a name, for files with the same columns.
create table import_profiles (
    account_id uuid not null references accounts (id) on delete cascade,
    id         uuid not null,
    name       text not null check (length(name) between 1 and 200),
    model_type text not null,
    settings   jsonb not null, -- members of imports-confirm, as they were given
    version    integer not null check (version > 0),
    created_at timestamptz not null,
    created_by uuid not null,
    updated_at timestamptz not null,
    updated_by uuid not null,
    primary key (account_id, id)
);
create unique index import_profiles_name on import_profiles (account_id, lower(name));

-- A bulk job selects records by ids, external ids, filter or query, stored as given, or by its items (bulk_items).
-- While to_freeze holds, the job's first step has yet to turn an external-id list, filter or query into targets.
create table bulk_jobs (
    account_id     uuid not null,
    id             uuid not null,
    operation      text not null check (operation in ('delete', 'update', 'tag', 'create', 'upsert', 'undo', 'restore', 'erase')),
    params         jsonb not null,
    undoes_job_id  uuid, -- undo: the job that it takes back
    entity_ids     uuid[],
    external_ids   text[],
    filter         json,
    query          text,
    expected_count bigint check (expected_count >= 0), -- the job fails if it finds another number of targets
    to_freeze      boolean not null default false,
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade,
    check (num_nonnulls(entity_ids, external_ids, filter, query) <= 1),
    check ((operation = 'undo') = (undoes_job_id is not null))
);
create index bulk_jobs_undoes on bulk_jobs (account_id, undoes_job_id) where undoes_job_id is not null;

-- Batches as Fulcrum's clients make them, before they have an operation. With it they become the bulk jobs of the same ids.
create table draft_batches (
    account_id uuid not null references accounts (id) on delete cascade,
    id         uuid not null,
    created_by uuid not null,
    created_at timestamptz not null,
    primary key (account_id, id),
    foreign key (account_id, created_by) references users (account_id, id)
);

-- A maintenance job removes the values that a deleted field left in the records.
create table maintenance_jobs (
    account_id uuid not null,
    id         uuid not null,
    field_id   uuid not null, -- the deleted field
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade
);

-- A job's share of work. One worker at a time runs a lane: its claim raises the fence, and every chunk commits only
-- where its fence and cursor still hold. cursor counts what is done: for imports the records of the whole file, also
-- those of other lanes; for bulk jobs the targets of this lane.
-- Lanes wait while lane 0's worker finds out which rows contend for unique values, or which records are targets.
-- Nobody may claim a waiting lane, and it counts as ended when the job's status is settled.
create table lanes (
    account_id   uuid not null,
    job_id       uuid not null,
    lane         integer not null check (lane >= 0),
    status       text not null check (status in ('waiting', 'ready', 'running', 'completed', 'failed', 'stopped')),
    cursor       bigint not null default 0 check (cursor >= 0),
    fence        bigint not null default 0,
    leased_until timestamptz,
    owner        text,
    attempts     integer not null default 0, -- claims since the cursor last moved, without leases handed back; over 1: workers died
    retries      integer not null default 0, -- transient faults (deadlocks, lost connections…) since the cursor last moved
    processed    bigint not null default 0,
    created      bigint not null default 0 check (created >= 0),
    updated      bigint not null default 0 check (updated >= 0),
    deleted      bigint not null default 0 check (deleted >= 0),
    skipped      bigint not null default 0 check (skipped >= 0),
    failed       bigint not null default 0 check (failed >= 0),
    warned       bigint not null default 0 check (warned >= 0), -- among those created or updated; not an outcome of its own
    updated_at   timestamptz not null default now(),
    primary key (account_id, job_id, lane),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade,
    check (created + updated + deleted + skipped + failed = processed),
    check ((status = 'running') = (leased_until is not null))
);
create index lanes_unfinished on lanes (leased_until nulls first) where status in ('ready', 'running');

-- The rows of an import that all lanes but lane 0 leave out. Written in the transaction that opens the waiting lanes,
-- read whenever a lane is claimed.
create table lane_plans (
    account_id uuid not null,
    job_id     uuid not null,
    fields     text[] not null, -- the unique fields whose values were compared: keys; for custom fields ids
    contested  bigint[], -- hashes of match keys, ascending; null: lane 0 takes all rows
    primary key (account_id, job_id),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

-- ---- What became of the rows of an import ----

-- The file with the results of all rows of an import that has ended, made when somebody asks for it first.
create table receipts (
    account_id      uuid not null,
    job_id          uuid not null,
    storage_key     text not null,
    byte_length     bigint not null,
    sha256          bytea not null check (octet_length(sha256) = 32),
    processed_count bigint not null, -- a failed import that is resumed gets another receipt
    created_at      timestamptz not null,
    primary key (account_id, job_id),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);
create index receipts_storage_key on receipts (storage_key); -- finds files that nothing names

-- The numbers that the rows of a retry have in the first file, up to 2,000 in a row. Invariants: they ascend, and first is the place of a
-- run's first row among all rows of the retry, from 1, without a gap.
create table retried_rows (
    account_id  uuid not null,
    job_id      uuid not null,
    first       bigint not null check (first > 0),
    row_numbers bigint[] not null check (cardinality(row_numbers) between 1 and 2000),
    last_row    bigint not null generated always as (row_numbers[cardinality(row_numbers)]) stored,
    primary key (account_id, job_id, first),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

-- One row for each failed row of a file. raw is the record as it stood in the file, decoded to UTF-8 where possible, so
-- that errors outlive the upload. It is bytea since a bad row may hold what text cannot.
create table row_errors (
    account_id  uuid not null,
    job_id      uuid not null,
    row_number  bigint not null check (row_number > 0),
    line_number bigint not null check (line_number > 0),
    column_name text,
    field       text,
    code        text not null,
    message     text not null,
    value       text,
    also        jsonb,
    cells       bytea[] not null,
    primary key (account_id, job_id, row_number)
);

-- Rows that were applied, but not in everything they asked for. Written and counted in the chunk's transaction.
create table row_warnings (
    account_id  uuid not null,
    job_id      uuid not null,
    row_number  bigint not null check (row_number > 0),
    line_number bigint not null check (line_number > 0),
    column_name text, -- null: the value is a constant of the import
    field       text not null,
    code        text not null,
    message     text not null,
    value       text not null,
    also        jsonb,
    primary key (account_id, job_id, row_number)
);

-- The two tables of dry runs hold what a dry run keeps between its chunks in place of records: just enough to decide
-- what becomes of later rows. The job's lanes write them in the chunk's transaction; they are emptied once it has ended.

-- Match keys and unique values of the records that the run would have made or changed, as they would be by now.
create table dry_run_keys (
    account_id uuid not null,
    job_id     uuid not null,
    field      text collate "C" not null, -- a built-in field's key, a custom field's id, or what companies are found by
    key        text collate "C" not null,
    record_id  uuid not null,
    primary key (account_id, job_id, field, key, record_id)
);
create index dry_run_keys_record on dry_run_keys (account_id, job_id, record_id);

-- Records that the run would have made or changed, where rows change what they match, with the columns that it would have
-- written, as they would be by now.
create table dry_run_records (
    account_id uuid not null,
    job_id     uuid not null,
    id         uuid not null,
    record     jsonb not null,
    primary key (account_id, job_id, id)
);

-- ---- Items, targets and failures of bulk jobs ----

-- The items of a request, one a row, so that a job's items are never all in memory at once.
create table bulk_items (
    account_id uuid not null,
    job_id     uuid not null,
    item_index bigint not null check (item_index >= 0),
    item       json not null,
    primary key (account_id, job_id, item_index),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

-- The targets of a bulk job, up to 2,000 in a row: a row for each took five seconds and 240 MB a million, arrays take a
-- tenth of that. Invariants: positions in a lane are 1, 2, 3 … without a gap, in the order of the targets' indexes; no
-- run is longer than the 2,000 that readers look back for.
create table bulk_target_runs (
    account_id     uuid not null,
    job_id         uuid not null,
    lane           integer not null,
    first          bigint not null check (first > 0), -- position of the run's first target
    target_indexes bigint[] not null, -- places in the caller's list
    record_ids     uuid[] not null, -- a null where the target is no record: an unknown external id, a failed item
    external_ids   text[],
    created        boolean[], -- whether an item made its record; null where the operation alone tells
    change_id      uuid, -- undo: with change_part, the row of the change log that the run takes back
    change_part    integer,
    effect         text check (effect in ('created', 'updated', 'deleted')), -- undo: what that row did
    first_index    bigint not null generated always as (target_indexes[1]) stored,
    last_index     bigint not null generated always as (target_indexes[cardinality(target_indexes)]) stored,
    primary key (account_id, job_id, lane, first),
    check (cardinality(record_ids) between 1 and 2000),
    check (cardinality(target_indexes) = cardinality(record_ids)),
    check (external_ids is null or cardinality(external_ids) = cardinality(record_ids)),
    check (created is null or cardinality(created) = cardinality(record_ids)),
    check (num_nulls(change_id, change_part, effect) in (0, 3))
);
-- Ids do not compress, so storing them does not try.
alter table bulk_target_runs alter column target_indexes set storage external;
alter table bulk_target_runs alter column record_ids set storage external;

-- One row a target, for people and tests.
create view bulk_targets as
select r.account_id, r.job_id, r.lane, r.first + u.place - 1 as position, u.target_index, u.record_id, u.external_id
from bulk_target_runs r
cross join unnest(r.target_indexes, r.record_ids, r.external_ids) with ordinality as u (target_index, record_id, external_id, place);

create table target_failures (
    account_id   uuid not null,
    job_id       uuid not null,
    target_index bigint not null check (target_index >= 0),
    record_id    uuid,
    external_id  text,
    code         text not null,
    message      text not null,
    primary key (account_id, job_id, target_index)
);

-- ---- What changed ----

-- The change log keeps a deleted record as a value of one of these types. The attributes stand in the order in which the code writes the
-- columns. A field that gets a column in its table gets an attribute here as well.
create type companies_image as (
    external_id text, external_id_key text, name text, name_key text, domain text, domain_key text, website text, phone text,
    industry text, employee_count bigint, annual_revenue numeric, address text, city text, state text, postal_code text,
    country text, description text, custom jsonb, tags text[], tag_keys text[], created_at timestamptz, created_by uuid
);
create type sources_image as (
    external_id text, external_id_key text, name text, name_key text, kind text, url text, description text, custom jsonb,
    tags text[], tag_keys text[], created_at timestamptz, created_by uuid
);
create type contacts_image as (
    external_id text, external_id_key text, first_name text, last_name text, email text, email_key text, phone text, phone_key text,
    job_title text, company_name text, company_id uuid, source_id uuid, website text, linkedin_url text, address text, city text,
    state text, postal_code text, country text, birthday date, description text, custom jsonb, tags text[], tag_keys text[],
    created_at timestamptz, created_by uuid
);
create type custom_records_image as (
    external_id text, external_id_key text, name text, name_key text, custom jsonb, tags text[], tag_keys text[],
    created_at timestamptz, created_by uuid
);

-- The change log: one row for up to 2,000 records that one statement changed, written in the statement's transaction. record_ids are in
-- ascending order, and row_numbers, the lines of details and the images of deleted records stand in their order. A line holds the members
-- of a JSON object, each after a comma: a column of the record, with an array of its values before and after. Records that were created
-- need none. Imports also log the records that their skipped rows matched, and the companies that rows are linked with; dry runs log what
-- they would do.
create table changes (
    account_id  uuid not null,
    id          uuid not null, -- of the statement
    part        integer not null check (part >= 0),
    job_id      uuid, -- null: a route for single records
    lane        integer not null check (lane >= 0),
    cursor      bigint not null check (cursor >= 0), -- of the lane, before the chunk
    step        integer not null, -- orders the statements of a chunk
    record_type text not null,
    type_id     uuid, -- of a custom type: another type may have the key later
    effect      text not null check (effect in (
                    'created', 'updated', 'deleted', 'skipped', 'unchanged', 'linked', 'would_create', 'would_update')),
    user_id     uuid not null,
    made_at     timestamptz not null default now(), -- updated_at of the records, as the statement left them
    logged_at   timestamptz not null default clock_timestamp(), -- orders the changes of a record: it was locked by then
    row_numbers bigint[], -- of the file; places in the caller's list of items, from 0
    record_ids  uuid[] not null,
    details     text, -- of updated records; null where the job keeps none
    deleted_contacts       contacts_image[], -- of deleted records, null likewise; an image is null if its record was erased
    deleted_companies      companies_image[],
    deleted_sources        sources_image[],
    deleted_custom_records custom_records_image[],
    first_id    uuid not null generated always as (record_ids[1]) stored,
    last_id     uuid not null generated always as (record_ids[cardinality(record_ids)]) stored,
    first_row   bigint, -- the least of row_numbers
    last_row    bigint, -- the greatest of row_numbers
    primary key (account_id, id, part),
    check (cardinality(record_ids) between 1 and 2000),
    check (row_numbers is null or cardinality(row_numbers) = cardinality(record_ids)),
    check (num_nonnulls(details, deleted_contacts, deleted_companies, deleted_sources, deleted_custom_records) <= 1),
    check (num_nulls(row_numbers, first_row, last_row) in (0, 3))
);
create index changes_job on changes (account_id, job_id, lane, cursor, step) where job_id is not null;
create index changes_time on changes (account_id, record_type, logged_at);
create index changes_age on changes (logged_at); -- retention's
alter table changes alter column record_ids set storage external;
-- LZ4 takes a third of the time of PostgreSQL's own compression. A server may be built without it.
do $$
begin
    alter table changes alter column row_numbers set compression lz4;
    alter table changes alter column details set compression lz4;
    alter table changes alter column deleted_contacts set compression lz4;
    alter table changes alter column deleted_companies set compression lz4;
    alter table changes alter column deleted_sources set compression lz4;
    alter table changes alter column deleted_custom_records set compression lz4;
exception when feature_not_supported then
    raise notice 'This server has no LZ4. The change log is compressed with pglz.';
end
$$;

-- Which records have which updated_at. The table stands in for an index on that column: with such an index no update of a record would be
-- heap-only, and each would write an entry to every index of its table. A row has the records of a row of the change log, is written with
-- it, and outlives it. Later changes leave it as it is, so a reader compares the records' updated_at. A maintenance task takes out the
-- records that have another updated_at by then, first at check_at, and deletes rows that are left without any.
create table latest_changes (
    account_id  uuid not null,
    record_type text not null,
    type_id     uuid,
    updated_at  timestamptz not null,
    id          uuid not null,
    part        integer not null,
    records     integer not null, -- their number, which is read without them
    record_ids  uuid[] not null,
    check_at    timestamptz not null default now() + interval '1 hour',
    primary key (account_id, record_type, updated_at, id, part),
    check (records between 1 and 2000 and records = cardinality(record_ids))
);
create index latest_changes_check on latest_changes (check_at);
alter table latest_changes alter column record_ids set storage external;

-- ---- Audit ----

-- One row for each request that changed something, written in the request's transaction. It never holds values of records. It has no
-- foreign keys, because an entry outlives the user, token or record that it names. Ids have the order of time, so lists need no other
-- index.
create table audit (
    account_id     uuid not null,
    id             uuid not null,
    at             timestamptz not null,
    user_id        uuid not null,
    token_id       uuid,
    route          text not null,
    subject_id     text, -- what was made or changed: an id, or the key of a record type
    request_id     text not null,
    client_address text,
    primary key (account_id, id)
);
create index audit_age on audit (at);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception 'Rows of % are never changed.', tg_table_name;
end
$$;
create trigger audit_is_append_only before update on audit for each statement execute function refuse_change();
