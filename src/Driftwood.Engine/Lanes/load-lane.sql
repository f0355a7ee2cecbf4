-- Everything a worker needs to know of the job whose lane it claimed.
select j.kind, j.record_type, j.created_by,
       (select count(*)::int from lanes l where l.account_id = j.account_id and l.job_id = j.id),
       i.confirmation, i.format, i.headers, u.storage_key,
       b.operation, b.params,
       coalesce((select t.first + cardinality(t.record_ids) - 1 from bulk_target_runs t
                 where t.account_id = j.account_id and t.job_id = j.id and t.lane = @lane order by t.first desc limit 1), 0),
       w.field_id, f.slot, y.id,
       j.total_count, p.fields, p.contested,
       exists (select 1 from bulk_items k where k.account_id = j.account_id and k.job_id = j.id)
from jobs j
left join imports i on i.account_id = j.account_id and i.id = j.id
left join uploads u on u.account_id = i.account_id and u.id = i.upload_id
left join bulk_jobs b on b.account_id = j.account_id and b.id = j.id
left join lane_plans p on p.account_id = j.account_id and p.job_id = j.id
left join maintenance_jobs w on w.account_id = j.account_id and w.id = j.id
left join fields f on f.account_id = w.account_id and f.id = w.field_id
left join record_types y on y.account_id = f.account_id and y.key = f.record_type
where j.account_id = @account and j.id = @job;
