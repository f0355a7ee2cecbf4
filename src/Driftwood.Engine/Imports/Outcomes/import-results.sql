-- Some rows of an import, those after one and up to another, with what became of each. A row that the change log and the row errors do
-- not have was skipped and matches no record. A dry run's rows have the outcomes that they would have.
with logged as (
    select u.row_number, u.detail,
           case c.effect when 'would_create' then 'created' when 'would_update' then 'updated' else c.effect end as outcome,
           case when c.effect <> 'would_create' and u.detail is distinct from '-' then u.record_id end as record_id
    from changes c
    cross join lateral unnest(c.row_numbers, c.record_ids, string_to_array(c.details, E'\n')) as u (row_number, record_id, detail)
    where c.account_id = @account and c.job_id = @job and c.first_row <= @to and c.last_row > @after
      and u.row_number > @after and u.row_number <= @to and c.effect <> 'linked'
),
linked as (
    select u.row_number, u.record_id as company_id, u.outcome
    from changes c
    cross join lateral unnest(c.row_numbers, c.record_ids, string_to_array(c.details, E'\n')) as u (row_number, record_id, outcome)
    where c.account_id = @account and c.job_id = @job and c.first_row <= @to and c.last_row > @after
      and u.row_number > @after and u.row_number <= @to and c.effect = 'linked'
),
outcomes as (
    select n.row_number, coalesce(l.outcome, case when e.code is null then 'skipped' else 'failed' end) as outcome,
           l.record_id, case when l.outcome <> 'unchanged' then l.detail end as detail,
           k.company_id, k.outcome as company_outcome, e.code, e.message
    from unnest(@numbers) n (row_number)
    left join logged l on l.row_number = n.row_number
    left join linked k on k.row_number = n.row_number
    left join row_errors e on e.account_id = @account and e.job_id = @job and e.row_number = n.row_number
)
select row_number, outcome, record_id, detail, company_id, company_outcome, code, message
from outcomes
where @outcome = '' or outcome = @outcome
order by row_number
limit @limit;
