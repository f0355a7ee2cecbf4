-- Renews the lease between chunks. A lane whose row a chunk has locked is skipped: the chunk renews the lease itself. This statement may
-- have begun before the chunk ended, and then the chunk's lease is the longer one. It stays, unless it is so long that the clock was set
-- back meanwhile.
update lanes l
set leased_until = least(greatest(l.leased_until, statement_timestamp() + @lease), statement_timestamp() + 2 * @lease)
from (select account_id, job_id, lane from lanes
      where account_id = @account and job_id = @job and lane = @lane and fence = @fence and status = 'running'
      for update skip locked) mine
where l.account_id = @account and l.account_id = mine.account_id and l.job_id = mine.job_id and l.lane = mine.lane;
