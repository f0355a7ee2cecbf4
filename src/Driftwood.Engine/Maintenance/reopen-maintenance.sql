-- A maintenance job that failed ten minutes ago starts again. Nobody else can ask for it, and running it twice does no harm. Another node
-- may have started it since it was found, and it may have failed again.
with reopened as (
    update jobs set status = 'processing', error_message = null, completed_at = null, updated_at = statement_timestamp()
    where account_id = @account and id = @job and kind = 'maintenance' and status = 'failed'
      and updated_at < statement_timestamp() - interval '10 minutes'
    returning account_id, id
)
update lanes l
set status = 'ready', attempts = 0, retries = 0, updated_at = statement_timestamp()
from reopened r
where l.account_id = @account and l.job_id = @job and l.account_id = r.account_id and l.job_id = r.id and l.status = 'failed';
