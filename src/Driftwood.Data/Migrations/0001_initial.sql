-- Driftwood's first schema. Numbered SQL is the source; the EF model only maps it (a test compares the two).
-- Every table of the data plane starts its primary key and each unique index with account_id: tenant isolation
-- that the database enforces, and a schema that can be distributed by account_id unchanged.
-- Match keys (…_key, tag_keys) are computed in one .NET function and only stored here, in collation "C".

create table accounts (
    id          uuid primary key,
    name        text not null check (length(name) between 1 and 200),
    created_at  timestamptz not null default now(),
    disabled_at timestamptz
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

-- The secret itself is never stored: 256 random bits need no salt, so SHA-256 is looked up directly.
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

-- The answer to a create that succeeded, stored in the transaction that made what it answers for.
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

create table companies (
    account_id      uuid not null references accounts (id) on delete cascade,
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
);
create unique index companies_external_id on companies (account_id, external_id_key) where external_id_key is not null;
create unique index companies_domain on companies (account_id, domain_key) where domain_key is not null;
create index companies_name on companies (account_id, name_key);

create table sources (
    account_id      uuid not null references accounts (id) on delete cascade,
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
);
create unique index sources_external_id on sources (account_id, external_id_key) where external_id_key is not null;
create unique index sources_name on sources (account_id, name_key);

create table contacts (
    account_id      uuid not null references accounts (id) on delete cascade,
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
);
create unique index contacts_external_id on contacts (account_id, external_id_key) where external_id_key is not null;
create unique index contacts_email on contacts (account_id, email_key) where email_key is not null;
create index contacts_phone on contacts (account_id, phone_key) where phone_key is not null;
create index contacts_company on contacts (account_id, company_id) where company_id is not null;
create index contacts_source on contacts (account_id, source_id) where source_id is not null;

-- What a signed URL wrote. storage_key names an object that is never written again: a second PUT stores a new
-- object and swaps the key, and once frozen_at is set the key cannot change.
create table uploads (
    account_id   uuid not null references accounts (id) on delete cascade,
    id           uuid not null,
    file_name    text not null check (length(file_name) between 1 and 255),
    content_type text not null check (length(content_type) between 1 and 255),
    max_bytes    bigint not null check (max_bytes > 0),
    storage_key  text,
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

-- What imports and bulk jobs have in common. Chunks never lock this row: control (the caller's wish to pause or
-- cancel) is written here at any time and read between chunks. Counters are the sums over lanes.
create table jobs (
    account_id    uuid not null references accounts (id) on delete cascade,
    id            uuid not null,
    kind          text not null check (kind in ('import', 'bulk')),
    record_type   text not null,
    name          text,
    status        text not null
        check (status in ('pending', 'uploaded', 'processing', 'paused', 'completed', 'failed', 'cancelled', 'expired')),
    control       text check (control in ('pause', 'cancel')),
    total_count   bigint not null default 0 check (total_count >= 0),
    error_message text,
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
create index jobs_list on jobs (account_id, kind, id);
create index jobs_unfinished on jobs (account_id, kind) where status in ('pending', 'uploaded', 'processing', 'paused');
create index jobs_processing on jobs (id) where status = 'processing'; -- the sweeper's

create table imports (
    account_id    uuid not null,
    id            uuid not null,
    upload_id     uuid not null,
    source_job_id uuid,
    format        jsonb, -- encoding, delimiter, header…: as detected or overridden when the upload was completed
    headers       text[],
    confirmation  jsonb, -- what imports-confirm asked for, with its defaults filled in
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade,
    foreign key (account_id, upload_id) references uploads (account_id, id)
);
create index imports_upload on imports (account_id, upload_id);
create index imports_id on imports (id); -- a signed URL names the import alone

create table bulk_jobs (
    account_id uuid not null,
    id         uuid not null,
    operation  text not null check (operation in ('delete', 'update', 'tag', 'create', 'upsert')),
    entity_ids uuid[] not null,
    params     jsonb not null,
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade
);

-- A job's share of work. One lane is run by one worker at a time: claiming it raises the fence, and every chunk
-- commits only where its fence and cursor still hold. cursor counts what is dealt with: records of the file
-- (imports: all of the file's, also those of other lanes) or targets of this lane (bulk jobs).
create table lanes (
    account_id   uuid not null,
    job_id       uuid not null,
    lane         integer not null check (lane >= 0),
    status       text not null check (status in ('ready', 'running', 'completed', 'failed', 'stopped')),
    cursor       bigint not null default 0 check (cursor >= 0),
    fence        bigint not null default 0,
    leased_until timestamptz,
    owner        text,
    attempts     integer not null default 0, -- claims since the cursor last moved, but for those given back: more than one, and workers died
    retries      integer not null default 0, -- passing faults (deadlocks, lost connections…) since the cursor last moved
    processed    bigint not null default 0,
    created      bigint not null default 0 check (created >= 0),
    updated      bigint not null default 0 check (updated >= 0),
    deleted      bigint not null default 0 check (deleted >= 0),
    skipped      bigint not null default 0 check (skipped >= 0),
    failed       bigint not null default 0 check (failed >= 0),
    updated_at   timestamptz not null default now(),
    primary key (account_id, job_id, lane),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade,
    check (created + updated + deleted + skipped + failed = processed),
    check ((status = 'running') = (leased_until is not null))
);
create index lanes_unfinished on lanes (leased_until nulls first) where status in ('ready', 'running');

-- One row a failed row of a file. raw is the record's bytes as they stood in the file (decoded to UTF-8 where that
-- was possible), so that errors outlive the upload; bytes, because a bad row may hold what text cannot.
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
    raw         bytea not null,
    primary key (account_id, job_id, row_number),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

-- The frozen selection of a bulk job. target_index is the place in the caller's list.
create table bulk_targets (
    account_id   uuid not null,
    job_id       uuid not null,
    lane         integer not null,
    position     bigint not null check (position > 0),
    target_index bigint not null check (target_index >= 0),
    record_id    uuid not null,
    primary key (account_id, job_id, lane, position),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);

create table target_failures (
    account_id   uuid not null,
    job_id       uuid not null,
    target_index bigint not null check (target_index >= 0),
    record_id    uuid,
    code         text not null,
    message      text not null,
    primary key (account_id, job_id, target_index),
    foreign key (account_id, job_id) references jobs (account_id, id) on delete cascade
);
