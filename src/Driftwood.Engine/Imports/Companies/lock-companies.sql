-- Locks the companies before contacts are linked with them, so that they cannot be deleted. Companies are locked after the contacts and
-- in the order of their ids, as in deletes. Returns the number of companies that still exist. Each is looked up on its own (Probe).
select count(*)
from (select i.id from unnest(@ids) as i(id) order by i.id offset 0) i
cross join lateral (
    select 1
    from companies c
    where c.account_id = @account and c.id >= i.id and c.id <= i.id
    order by c.id
    limit 1
    for key share of c
) locked;
