-- Read between chunks. A disabled account's jobs are handed back and wait; a deleted job gives no row.
select case
           when a.disabled_at is not null then 'hand_back'
           when j.status <> 'processing' then 'stop'
           else coalesce(j.control, 'run')
       end
from jobs j
join accounts a on a.id = j.account_id
where j.account_id = @account and j.id = @job;
