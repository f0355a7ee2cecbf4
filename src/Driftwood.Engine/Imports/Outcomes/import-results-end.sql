-- The number of rows whose outcome is certain: those before the first row that a lane may not have read yet. An import that was never
-- confirmed has no lanes, and so no outcomes.
select case when count(l.lane) = 0 then 0
       else coalesce(min(l.cursor) filter (where l.status <> 'completed'), j.total_count) end as certain,
       i.retry_of is not null as is_retry
from jobs j
join imports i on i.account_id = j.account_id and i.id = j.id
left join lanes l on l.account_id = j.account_id and l.job_id = j.id
where j.account_id = @account and j.id = @job
group by j.account_id, j.id, j.total_count, i.retry_of;
