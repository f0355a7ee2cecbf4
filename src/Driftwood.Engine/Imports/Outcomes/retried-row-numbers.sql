-- The numbers of the rows after one, among the first of a retry, in ascending order. A run of row numbers is in ascending order too.
select array_agg(n.row_number order by n.row_number)
from (
    select u.row_number
    from retried_rows r
    cross join lateral unnest(r.row_numbers) with ordinality as u (row_number, place)
    where r.account_id = @account and r.job_id = @job and r.last_row > @after
      and u.row_number > @after and r.first + u.place - 1 <= @count
    order by r.first, u.place
    limit @limit) n;
