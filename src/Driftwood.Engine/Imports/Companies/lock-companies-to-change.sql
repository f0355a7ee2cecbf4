-- Locks the companies that may be changed, so that they stay as they are. Companies are locked after the contacts and
-- in the order of their ids, as in deletes. Returns the number of companies that still exist. Each is looked up on its own (Probe).
select count(*)
from (select i.id from unnest(@ids) as i(id) order by i.id offset 0) i
cross join lateral (
    select 1
    from companies c
    where c.account_id = @account and c.id >= i.id and c.id <= i.id
    order by c.id
    limit 1
    for no key update of c
) locked;
