-- A record's unique values, each with its field. If another transaction takes the same value at the same time, the statement
-- waits for it. The returned fields are those whose value was free.
insert into unique_values (account_id, field_id, key, record_id)
select $1, t.field_id, t.key, $2 from unnest($3, $4) as t(field_id, key) order by t.field_id
on conflict do nothing
returning field_id
