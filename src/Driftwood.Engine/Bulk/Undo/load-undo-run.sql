-- The run of the target after @from, and the row of the change log that it takes back. No row if the log is no longer kept.
select r.first, r.first + cardinality(r.record_ids) - 1 as last, r.first_index,
       c.record_type, c.type_id, c.effect, c.id, c.part, c.made_at, c.logged_at
from (
    select t.first, t.first_index, t.record_ids, t.change_id, t.change_part
    from bulk_target_runs t
    where t.account_id = @account and t.job_id = @job and t.lane = @lane and t.first <= @from + 1
    order by t.first desc
    limit 1
) r
join changes c on c.account_id = @account and c.id = r.change_id and c.part = r.change_part;
