-- Everything that a worker needs to know about an import after it claimed a lane.
select j.record_type, j.created_by, j.total_count,
       i.confirmation, i.format, i.headers, u.storage_key,
       (select count(*)::int from lanes l where l.account_id = @account and l.job_id = @job) as lanes,
       p.fields as compared_fields, p.contested as contested_keys
from jobs j
join imports i on i.account_id = j.account_id and i.id = j.id
join uploads u on u.account_id = i.account_id and u.id = i.upload_id
left join lane_plans p on p.account_id = j.account_id and p.job_id = j.id
where j.account_id = @account and j.id = @job;
