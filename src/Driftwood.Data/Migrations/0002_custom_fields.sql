-- Custom fields, custom record types, and indexes for what people filter and sort by.

-- One row for each record type of an account that has, or ever had, custom fields, and for each custom type. version is
-- new whenever anything about the type's fields changes, and never used again: whoever read a type can tell whether it
-- still stands. Writers of records hold a shared advisory lock while they check it, changes an exclusive one.
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

-- Values of a custom field stand in the records' custom object under the field's slot, which no other field of the type
-- ever gets: a field that is made anew under a deleted one's key does not inherit its values. A deleted field's row stays
-- until its values are cleaned up.
create table fields (
    account_id  uuid not null,
    id          uuid not null,
    record_type text not null,
    slot        integer not null check (slot > 0),
    key         text not null check (key ~ '^[a-z_][a-z0-9_]{0,62}$'),
    label       text not null check (length(label) between 1 and 200),
    kind        text not null check (kind in ('text', 'integer', 'decimal', 'boolean', 'date', 'datetime', 'url', 'email', 'phone', 'choice', 'tags')),
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
    check (cardinality(tags) = cardinality(tag_keys)),
    foreign key (account_id, type_id) references record_types (account_id, id) on delete cascade
);
create unique index custom_records_external_id on custom_records (account_id, type_id, external_id_key) where external_id_key is not null;
create index custom_records_name on custom_records (account_id, type_id, name_key);

-- What is unique by the users' choice: values of unique custom fields, and names of custom types whose names are unique
-- (under the type's id in place of a field's). Written in the transaction that writes the record.
create table unique_values (
    account_id uuid not null references accounts (id) on delete cascade,
    field_id   uuid not null,
    key        text collate "C" not null,
    record_id  uuid not null,
    primary key (account_id, field_id, key)
);
create index unique_values_record on unique_values (account_id, record_id);

-- Comparing without case must not hang on the locale a server was set up with.
do $$
begin
    if exists (select 1 from pg_collation where collname = 'und-x-icu') then
        execute 'create collation caseless from "und-x-icu"';
    else
        execute 'create collation caseless from "C"';
    end if;
end
$$;

create index contacts_created on contacts (account_id, created_at, id);
create index contacts_updated on contacts (account_id, updated_at, id);
create index contacts_tags on contacts using gin (tag_keys) where tag_keys <> '{}';
create index companies_created on companies (account_id, created_at, id);
create index companies_updated on companies (account_id, updated_at, id);
create index companies_tags on companies using gin (tag_keys) where tag_keys <> '{}';
create index sources_created on sources (account_id, created_at, id);
create index sources_updated on sources (account_id, updated_at, id);
create index sources_tags on sources using gin (tag_keys) where tag_keys <> '{}';
create index custom_records_created on custom_records (account_id, type_id, created_at, id);
create index custom_records_updated on custom_records (account_id, type_id, updated_at, id);
create index custom_records_tags on custom_records using gin (tag_keys) where tag_keys <> '{}';

-- Upkeep jobs are Driftwood's own: they clean up what a deleted field left behind.
alter table jobs drop constraint jobs_kind_check;
alter table jobs add constraint jobs_kind_check check (kind in ('import', 'bulk', 'upkeep'));
create table upkeep_jobs (
    account_id uuid not null,
    id         uuid not null,
    field_id   uuid not null, -- the deleted field
    primary key (account_id, id),
    foreign key (account_id, id) references jobs (account_id, id) on delete cascade
);
