-- Jobs whose lanes have all ended but that were not settled, because a worker died in between.
select j.account_id, j.id
from jobs j
where j.status = 'processing'
  and exists (select 1 from lanes l where l.account_id = j.account_id and l.job_id = j.id)
  and not exists (select 1 from lanes l where l.account_id = j.account_id and l.job_id = j.id and l.status in ('ready', 'running'))
limit 100;
