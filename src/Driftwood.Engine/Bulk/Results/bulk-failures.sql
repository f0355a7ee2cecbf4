-- The failed or kept targets among those of bulk-results, read directly from the stored failures.
select f.target_index, f.record_id, f.external_id, f.code, f.message, null,
       (select k.item ->> 'ref' from bulk_items k where k.account_id = @account and k.job_id = @job and k.item_index = f.target_index)
from target_failures f
where f.account_id = @account and f.job_id = @job and f.target_index > @after and f.target_index <= @to and (f.code = 'kept') = @kept
order by f.target_index
limit @limit;
