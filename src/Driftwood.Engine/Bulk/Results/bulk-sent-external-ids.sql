-- The external IDs in some items of a job, as the caller wrote them: a stored result has them trimmed and normalised.
select k.item_index, k.item ->> 'external_id'
from bulk_items k
where k.account_id = @account and k.job_id = @job and k.item_index = any(@indexes) and k.item ->> 'external_id' is not null;
