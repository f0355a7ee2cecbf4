-- The rows of an import about which the change log or the row errors say something, in file order. Lines without an outcome come before
-- the line of a row: one if a later row changed its record again (later is that row), one if it is linked with a company (record_id, and
-- in detail what became of it). A join could be planned badly. Rows that are changed again are few: a sort by record needs only numbers.
with logged as (
    select u.row_number, u.record_id, c.effect, u.detail
    from changes c
    cross join lateral unnest(c.row_numbers, c.record_ids, string_to_array(c.details, E'\n')) as u (row_number, record_id, detail)
    where c.account_id = @account and c.job_id = @job and c.row_numbers is not null and c.effect <> 'linked'
)
select w.row_number,
       case w.effect when 'would_create' then 'created' when 'would_update' then 'updated' else w.effect end as outcome,
       case when w.effect <> 'would_create' and w.detail is distinct from '-' then w.record_id end as record_id,
       case when w.effect <> 'unchanged' then w.detail end as detail,
       null::bigint as later, null as column_name, null as code, null as message, null as also
from logged w
union all
select n.row_number, null, null, null, n.later, null, null, null, null
from (
    select u.row_number, lead(u.row_number) over (partition by u.record_id order by u.row_number) as later
    from changes c
    cross join lateral unnest(c.row_numbers, c.record_ids) as u (row_number, record_id)
    where c.account_id = @account and c.job_id = @job and c.row_numbers is not null
      and c.effect not in ('skipped', 'unchanged', 'linked')) n
where n.later is not null
union all
select u.row_number, null, u.record_id, u.detail, null, null, null, null, null
from changes c
cross join lateral unnest(c.row_numbers, c.record_ids, string_to_array(c.details, E'\n')) as u (row_number, record_id, detail)
where c.account_id = @account and c.job_id = @job and c.effect = 'linked'
union all
select e.row_number, 'failed', null, null, null, e.column_name, e.code, e.message, e.also::text
from row_errors e where e.account_id = @account and e.job_id = @job
order by row_number, outcome nulls first;
