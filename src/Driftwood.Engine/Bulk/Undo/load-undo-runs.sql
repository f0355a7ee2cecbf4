-- The first runs that have targets after @from and up to @to, each with the row of the change log that it takes back. A run whose row of
-- the log is no longer kept is missing. @longest is the most targets of a run, @most the most runs.
select t.first, t.first + cardinality(t.record_ids) - 1 as last, t.first_index,
       c.record_type, c.type_id, c.effect, c.id, c.part, c.made_at, c.logged_at
from (
    select * from bulk_target_runs t
    where t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first > @from + 1 - @longest and t.first <= @to
      and t.first + cardinality(t.record_ids) - 1 > @from
    order by t.first limit @most
) t
cross join lateral (
    select * from changes c where c.account_id = @account and c.id = t.change_id and c.part = t.change_part limit 1) c
order by t.first;
