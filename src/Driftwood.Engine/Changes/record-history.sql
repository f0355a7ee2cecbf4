-- The changes of a record, the last one first. A row of the log covers a range of ids.
select c.logged_at, c.effect, c.user_id, u.name as user_name, c.job_id, d.row_number, d.detail
from changes c
cross join lateral (
    select x.row_number, x.detail
    from unnest(c.record_ids, c.row_numbers, {details}) as x (record_id, row_number, detail)
    where x.record_id = @id) d
left join users u on u.account_id = @account and u.id = c.user_id
where c.account_id = @account and c.record_type = @type and c.first_id <= @id and c.last_id >= @id and c.logged_at < @before
  and @id = any (c.record_ids) -- before any details are read
  and c.effect in ('created', 'updated', 'deleted')
order by c.logged_at desc
limit @limit;
