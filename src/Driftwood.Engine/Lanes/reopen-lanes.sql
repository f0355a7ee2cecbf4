-- Between the two halves of settling, under the job's lock: lanes that stopped for a pause that was taken back meanwhile
-- are ready again. The sweeper wakes them.
update lanes l
set status = 'ready', updated_at = clock_timestamp()
from jobs j
where j.account_id = @account and j.id = @job and j.status = 'processing' and j.control is null
  and l.account_id = j.account_id and l.job_id = j.id and l.status = 'stopped';
