-- The failed or kept targets among those of bulk-results, read directly from the stored failures.
select target_index, record_id, external_id, code, message, null
from target_failures
where account_id = @account and job_id = @job and target_index > @after and target_index <= @to and (code = 'kept') = @kept
order by target_index
limit @limit;
