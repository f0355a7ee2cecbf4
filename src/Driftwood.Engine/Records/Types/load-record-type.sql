-- The custom part of a record type: one row per field in the order of creation, or one row without a field.
select s.version,
       t.id, t.name, t.name_is_unique, t.autonumber_pattern,
       f.id, f.slot, f.key, f.label, f.kind, f.required, f.is_unique, f.options
from record_schemas s
left join record_types t on t.account_id = s.account_id and t.key = s.record_type
left join fields f on f.account_id = s.account_id and f.record_type = s.record_type and f.deleted_at is null
where s.account_id = @account and s.record_type = @key
order by f.slot;
