-- A maintenance job that failed, for example after an outage, starts again some time later. Nobody else can ask for it, and running
-- it twice does no harm.
with reopened as (
    update jobs set status = 'processing', error_message = null, completed_at = null, updated_at = clock_timestamp()
    where kind = 'maintenance' and status = 'failed' and updated_at < clock_timestamp() - interval '10 minutes'
    returning account_id, id
)
update lanes l
set status = 'ready', attempts = 0, retries = 0, updated_at = clock_timestamp()
from reopened r
where l.account_id = r.account_id and l.job_id = r.id and l.status = 'failed';
