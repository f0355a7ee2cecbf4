-- Marks dry runs whose state nobody needs any more: those that ended for good, or failed and were not resumed for a day. They cannot
-- be resumed from then on.
update jobs
set dry_run_state = 'removing'
where dry_run_state = 'kept'
  and (status in ('completed', 'cancelled') or (status = 'failed' and updated_at < statement_timestamp() - interval '1 day'));
