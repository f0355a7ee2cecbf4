-- The index of the last target that results may include; null if there is none. While the job may go on, that is the last target
-- before the first unprocessed one of any lane. A target that is processed later then never belongs on a page that was already read.
select case
           when j.status in ('pending', 'processing', 'paused') then coalesce((
               select min(t.target_indexes[l.cursor + 2 - t.first]) - 1
               from lanes l
               cross join lateral (
                   select r.first, r.target_indexes from bulk_target_runs r
                   where r.account_id = @account and r.job_id = @job and r.lane = l.lane and r.first <= l.cursor + 1
                   order by r.first desc limit 1) t
               where l.account_id = @account and l.job_id = @job), s.last_index)
           else s.last_index
       end
from jobs j
cross join lateral (select max(r.last_index) as last_index from bulk_target_runs r where r.account_id = @account and r.job_id = @job) s
where j.account_id = @account and j.id = @job;
