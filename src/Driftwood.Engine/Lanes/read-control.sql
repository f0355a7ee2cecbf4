-- Runs between chunks: whether the lane continues, stops, or is handed back because its account is disabled. A job that is gone
-- returns no row.
select case
           when a.disabled_at is not null then 'hand_back'
           when j.status <> 'processing' or j.control is not null then 'stop'
           else 'run'
       end
from jobs j
join accounts a on a.id = j.account_id
where j.account_id = @account and j.id = @job;
