-- Marks dry runs whose shadows nobody needs any more: ended for good, or failed and not resumed for a day. From then on they
-- cannot be resumed, as what they knew is going.
update jobs
set shadows = 'leaving'
where shadows = 'kept'
  and (status in ('completed', 'cancelled') or (status = 'failed' and updated_at < clock_timestamp() - interval '1 day'));
