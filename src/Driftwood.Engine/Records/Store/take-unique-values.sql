-- A record's unique values, each with the field it is of. Whoever takes the same value at the same time is waited for; the
-- fields that come back are those whose value was free.
insert into unique_values (account_id, field_id, key, record_id)
select $1, t.field_id, t.key, $2 from unnest($3, $4) as t(field_id, key) order by t.field_id
on conflict do nothing
returning field_id
