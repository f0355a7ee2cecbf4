-- Renews the lease between chunks. A lane whose row a chunk has locked is skipped: the chunk renews the lease itself. The statement may
-- have begun before that chunk ended, so it never makes a lease shorter.
update lanes l
set leased_until = greatest(l.leased_until, statement_timestamp() + @lease)
from (select account_id, job_id, lane from lanes
      where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running'
      for update skip locked) mine
where l.account_id = @account and l.account_id = mine.account_id and l.job_id = mine.job_id and l.lane = mine.lane;
