-- Locks the companies before contacts are linked with them, so that they cannot be deleted. Companies are locked after the contacts and
-- in the order of their ids, as in deletes. Returns the number of companies that still exist.
select count(*)
from (
    select 1
    from companies c
    where c.account_id = @account and c.id = any (@ids)
    order by c.id
    for key share of c
) locked;
