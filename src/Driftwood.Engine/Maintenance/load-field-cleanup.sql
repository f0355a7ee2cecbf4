-- The deleted field that a maintenance job removes. slot is null once nothing of the field is left.
select j.record_type, w.field_id, f.slot, y.id as type_id
from jobs j
join maintenance_jobs w on w.account_id = j.account_id and w.id = j.id
left join fields f on f.account_id = w.account_id and f.id = w.field_id
left join record_types y on y.account_id = f.account_id and y.key = f.record_type
where j.account_id = @account and j.id = @job;
