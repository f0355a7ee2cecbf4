-- Whether a lane is the last running lane of its account, and how many are running. Only that lane yields (must-yield).
select h.job_id = @job and h.lane = @lane as is_last, count(*) over () as lanes
from lanes h
where h.account_id = @account and h.status = 'running' and h.owner is not null and h.leased_until >= clock_timestamp()
order by h.job_id desc, h.lane desc
limit 1;
